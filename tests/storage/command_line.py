"""What tests of commands share."""

from collections.abc import Callable

from typer.testing import Result

Run = Callable[..., Result]
"""Runs a command with arguments and settings."""
