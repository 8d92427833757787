"""A store that tells on those who use it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event

from storage.artifacts.projection import FULL_BY_DEFAULT, AnyArtifact, Projection
from storage.artifacts.records import (
    Artifact,
    ArtifactPatch,
    ArtifactType,
    NewArtifact,
    OnConflict,
    PartialArtifact,
    Registered,
    Target,
    WriteError,
)
from storage.errors import StoreUnavailableError
from storage.search.listing import Listing
from storage.search.paging import Page
from storage.sqlite.store import SqliteStore
from storage.store import ReverseLinkQuery


class RecordingStore(SqliteStore):
    """A store that keeps a record of what it is asked, and may be told to fail."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.calls: list[tuple[str, int]] = []
        """The method, and how many things it was asked for."""
        self.failure: Exception | None = None
        self.capacity = 1_000
        """How many drafts of one call take effect before the store fails."""
        self.failing: str | None = None
        """The only method that fails; all do where it is None."""
        self.gate = Event()
        """Closed, it keeps everybody who asks waiting."""
        self.gate.set()

    def get(
        self, ids: Sequence[str], projection: Projection[AnyArtifact] = FULL_BY_DEFAULT
    ) -> Mapping[str, AnyArtifact]:
        self._record("get", len(ids))
        return super().get(ids, projection)

    def resolve(
        self,
        targets: Sequence[Target],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Mapping[Target, AnyArtifact]:
        self._record("resolve", len(targets))
        return super().resolve(targets, projection)

    def page(
        self,
        listing: Listing,
        first: int,
        after: str | None = None,
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Page[AnyArtifact]:
        self._record("page", first)
        return super().page(listing, first, after, projection)

    def count(self, listing: Listing) -> int | None:
        self._record("count", 1)
        return super().count(listing)

    def read_reverse_links(
        self,
        queries: Sequence[ReverseLinkQuery],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Sequence[Page[AnyArtifact]]:
        self._record("models_of", len(queries))
        return super().read_reverse_links(queries, projection)

    def count_reverse_links(self, artifacts: Sequence[PartialArtifact]) -> Sequence[int | None]:
        self._record("count_models_of", len(artifacts))
        return super().count_reverse_links(artifacts)

    def register(  # type: ignore[override] # as wide as the protocol's
        self, drafts: Sequence[NewArtifact], on_conflict: OnConflict
    ) -> Sequence[Registered | WriteError | StoreUnavailableError]:
        self._record("register", len(drafts))
        done = super().register(drafts[: self.capacity], on_conflict)
        return [*done, *(StoreUnavailableError() for _ in drafts[self.capacity :])]

    def update(
        self,
        id: str,  # noqa: A002 - the store's word
        type: ArtifactType | None,  # noqa: A002 - the store's word
        changes: ArtifactPatch,
        expected_version: int | None = None,
    ) -> Artifact | WriteError:
        self._record("update", 1)
        return super().update(id, type, changes, expected_version)

    def delete(
        self,
        id: str,  # noqa: A002 - the store's word
        type: ArtifactType | None,  # noqa: A002 - the store's word
        expected_version: int | None = None,
    ) -> Artifact | WriteError:
        self._record("delete", 1)
        return super().delete(id, type, expected_version)

    def reset(self) -> Iterator[int]:
        self._record("reset", 1)
        return super().reset()

    def ping(self) -> None:
        self._record("ping", 1)
        super().ping()

    def _record(self, method: str, count: int) -> None:
        self.calls.append((method, count))
        assert self.gate.wait(timeout=10), "nobody opened the gate"
        if self.failure is not None and self.failing in (None, method):
            raise self.failure
