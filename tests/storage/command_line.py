"""Runs commands for their tests."""

from collections.abc import Callable

from typer.testing import Result

Run = Callable[..., Result]
"""Runs a command with arguments and settings."""
