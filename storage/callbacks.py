"""The callbacks that operations of stores take, and those that do nothing."""

from collections.abc import Callable

from storage.errors import UndecodableError


def ignore_unreadable(error: UndecodableError) -> None:
    """Leave out an artifact that cannot be decoded, which `check` reports."""


Progress = Callable[[str, int, int], None]
"""Called with the name of a stage, the amount that is done, and the total; 0 if unknown."""


def ignore_progress(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""
