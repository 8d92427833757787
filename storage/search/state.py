"""The state of a search index, for its operator."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SearchState:
    """The state of the search index of a store."""

    is_ready: bool
    """False while it is being built or cannot be used: listings raise SearchNotReadyError."""
    progress: float | None = None
    """The part of a running build that is done, from 0 to 1; None if none is running."""
    age: float = 0.0
    """Seconds since it is known to have shown all changes; 0 if it changes with the store."""
    size: int = 0
    """The bytes of its file; 0 if it has none of its own."""
