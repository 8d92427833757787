"""What `check` reports: something stored that contradicts something else stored."""

from dataclasses import dataclass

UNREADABLE_RATING = "has a rating that cannot be read"


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """One contradiction: which item it is about, and what is wrong with it."""

    about: str
    message: str
    can_be_mended: bool = True
    """Whether what is right follows from the artifacts themselves."""
