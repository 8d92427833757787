"""The inconsistencies that a check of a store reports."""

from dataclasses import dataclass

UNREADABLE_RATING = "has a rating that cannot be read"
CONTENT_VERSION_AHEAD = "has a content version above its version"
UNFINISHED_RESET = "says that a reset is running, or was stopped before its end: reset again"
CONTRADICTION = "contradicts the artifact, or the change after it"


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """Something stored that contradicts something else stored; `check` reports it."""

    about: str
    """The key of the item, or the name of the file."""
    message: str
    is_repairable: bool = True
    """True if the artifacts themselves determine what is right."""
