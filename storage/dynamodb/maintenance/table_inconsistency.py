"""An inconsistency that a scan of a table finds."""

from dataclasses import dataclass

from storage.inconsistencies import Inconsistency


@dataclass(frozen=True, slots=True)
class TableInconsistency:
    """An inconsistency that only a person can decide, or one of the subclasses."""

    inconsistency: Inconsistency
