"""Prints figures as tables, and describes the machine."""

import os
import platform
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

_WIDTH = 180
_OPTIMISING = "debian", "ubuntu"


def describe_machine() -> dict[str, Any]:
    """Return the CPU, the versions and the date."""
    info = Path("/proc/cpuinfo").read_text()
    model = next(line for line in info.splitlines() if line.startswith("model name"))
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)  # noqa: S607 - node's path differs between machines
    return {
        "cpu": model.partition(":")[2].strip(),
        "cores": os.cpu_count(),
        "python": f"{platform.python_version()} {sys.executable}",
        "optimised": describe_build(),
        "node": node.stdout.strip(),
        "measured": f"{datetime.now(UTC):%Y-%m-%d}",
    }


def describe_build() -> str:
    """Return whether this CPython was built with profile-guided optimisation.

    Debian builds `/usr/bin/python3` with it, but its sysconfig describes another build.
    """
    if "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or ""):
        return "yes: configured with --enable-optimizations"
    if sys.base_prefix == "/usr" and platform.freedesktop_os_release()["ID"] in _OPTIMISING:
        return "yes: the distribution's own"
    return "no: configured without --enable-optimizations"


def print_table(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows as a table with a column for each name in them."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = Table(title=title, title_justify="left")
    for name in columns:
        is_text = any(isinstance(row.get(name), str) for row in rows)
        heading = name.replace("_", " ")
        table.add_column(heading, justify="left" if is_text else "right", overflow="fold")
    for row in rows:
        table.add_row(*(_format_cell(row.get(name)) for name in columns))
    console = Console()
    # In a file or a pipe, wide enough for all columns.
    Console(width=console.width if console.is_terminal else _WIDTH).print(table)


def _format_cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, Mapping):
        return ", ".join(f"{count} {name}" for name, count in value.items())
    return "" if value is None else str(value)
