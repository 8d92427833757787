"""Queries for changes, and their results."""

from dataclasses import dataclass
from datetime import datetime

from storage.artifacts.changes import Change, ChangeKind
from storage.artifacts.records import Artifact, ArtifactType


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """A query for the `first` changes of an artifact up to `version`, the newest first."""

    artifact_id: str
    version: int
    first: int


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Changes of an artifact, the newest first; the history ends where a version is missing."""

    changes: tuple[Change, ...]
    has_next: bool


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Conditions for changes, all of which must hold; None is no condition."""

    types: frozenset[ArtifactType] | None = None
    kinds: frozenset[ChangeKind] | None = None
    artifact_ids: frozenset[str] | None = None

    def matches(self, change: Change) -> bool:
        """Return whether a change meets all conditions."""
        return (
            (self.types is None or change.type in self.types)
            and (self.kinds is None or change.kind in self.kinds)
            and (self.artifact_ids is None or change.artifact_id in self.artifact_ids)
        )


ALL_CHANGES = ChangeFilter()


MAX_FEED_ENTRIES = 1_000
"""The most changes that one page of the feed looks at, with those that a filter leaves out."""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A page of changes, and the cursor after it; it may be empty and have more."""

    changes: tuple[Change, ...]
    cursors: tuple[str, ...]
    """The cursor at each of the changes."""
    cursor: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class DeletedArtifact:
    """A deleted artifact that can be restored; its version is that of the deletion."""

    artifact: Artifact
    deleted_at: datetime


@dataclass(frozen=True, slots=True)
class ImportedHistory:
    """Older changes of an artifact, and how it was deleted if it was; for imports."""

    changes: tuple[Change, ...]
    deleted: DeletedArtifact | None = None
