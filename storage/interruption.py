"""Ends commands on SIGTERM as Ctrl-C does: what they opened is closed, and one line says so."""

import signal
from types import FrameType
from typing import NoReturn


class TerminatedError(KeyboardInterrupt):
    """SIGTERM was received."""


def interrupt_on_sigterm() -> None:
    """Raise TerminatedError when SIGTERM is received."""
    signal.signal(signal.SIGTERM, _raise)


def describe_interruption(error: KeyboardInterrupt) -> str:
    """Return the word for what ended a command."""
    return "terminated" if isinstance(error, TerminatedError) else "interrupted"


def get_exit_code(error: KeyboardInterrupt) -> int:
    """Return the exit code that shells give to a command that the signal ended."""
    is_terminated = isinstance(error, TerminatedError)
    return 128 + (signal.SIGTERM if is_terminated else signal.SIGINT)


def _raise(_number: int, _frame: FrameType | None) -> NoReturn:
    raise TerminatedError
