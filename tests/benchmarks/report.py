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

COMPARISON = {
    "query": "query",
    "contender": "contender",
    "connections": "conn.",
    "cpu_ms": "CPU ms",
    "cpu_to_yoga": "/ yoga",
    "cpu_to_boto3": "/ boto3",
    "requests_per_second": "req/s",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "calls": "calls",
    "round_trips": "trips",
}
"""The comparison's columns: the JSON's names, and the table's."""


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


def show(title: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Print a table."""
    table = Table(title=title, title_justify="left")
    for name, heading in columns.items():
        text = any(isinstance(row.get(name), str) for row in rows)
        table.add_column(heading, justify="left" if text else "right")
    for row in rows:
        table.add_row(*(_cell(row.get(name)) for name in columns))
    Console(width=max(160, Console().width)).print(table)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, Mapping):
        return ", ".join(f"{count} {of}" for of, count in value.items())
    return "" if value is None else str(value)
