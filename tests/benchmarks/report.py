"""Says what was measured: as tables for people and as JSON for programs."""

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

_WIDTH = 180


def machine() -> dict[str, Any]:
    """What kind of machine this is."""
    info = Path("/proc/cpuinfo").read_text()
    model = next(line for line in info.splitlines() if line.startswith("model name"))
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)  # noqa: S607 - node is where it is
    return {
        "cpu": model.partition(":")[2].strip(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "node": node.stdout.strip(),
        "measured": f"{datetime.now(UTC):%Y-%m-%d}",
    }


def show(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows as a table; the columns are all the names in them."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = Table(title=title, title_justify="left")
    for name in columns:
        text = any(isinstance(row.get(name), str) for row in rows)
        heading = name.replace("_", " ")
        table.add_column(heading, justify="left" if text else "right", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(name)) for name in columns))
    console = Console()
    # Wide enough for all columns where nobody looks but a file or a pipe.
    Console(width=console.width if console.is_terminal else _WIDTH).print(table)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, Mapping):
        return ", ".join(f"{count} {of}" for of, count in value.items())
    return "" if value is None else str(value)
