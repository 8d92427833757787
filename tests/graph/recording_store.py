"""A store that records its calls, and fails or waits on request."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event

from storage.artifacts.changes import ANONYMOUS, Attribution
from storage.artifacts.projection import FULL_BY_DEFAULT, AnyArtifact, Projection
from storage.artifacts.records import Artifact, ArtifactType, PartialArtifact, Target
from storage.artifacts.writes import (
    ArtifactPatch,
    Deleted,
    NewArtifact,
    OnConflict,
    WriteError,
    Written,
)
from storage.change_queries import (
    ALL_CHANGES,
    ChangeFilter,
    FeedPage,
    HistoryPage,
    HistoryQuery,
)
from storage.clock import Clock, system_clock
from storage.errors import StoreUnavailableError, UndecodableError
from storage.reverse_links import ReverseLinkQuery
from storage.search.facets import FacetRequest, FacetValue
from storage.search.listing import Listing
from storage.search.pages import Page, Window
from storage.search.state import SearchState
from storage.sqlite.store import SqliteStore


class RecordingStore(SqliteStore):
    """A SQLite store that records the calls of its methods, and may fail or wait."""

    def __init__(self, path: Path, clock: Clock = system_clock) -> None:
        super().__init__(path, clock=clock)
        self.calls: list[tuple[str, int]] = []
        """Each call's method, and its number of ids, targets or inputs, or its page size."""
        self.failure: Exception | None = None
        """The error that calls raise."""
        self.capacity = 1_000
        """The number of artifacts that one call registers before the store fails."""
        self.failing_method: str | None = None
        """The only methods that raise `failure`, with spaces between them; None for all."""
        self.state: SearchState | None = None
        """The state of the search index; None for the actual one."""
        self.gate = Event()
        """Calls wait while this event is cleared."""
        self.gate.set()

    def get(
        self, ids: Sequence[str], projection: Projection[AnyArtifact] = FULL_BY_DEFAULT
    ) -> Mapping[str, AnyArtifact | UndecodableError]:
        self._record("get", len(ids))
        return super().get(ids, projection)

    def resolve(
        self, targets: Sequence[Target], projection: Projection[AnyArtifact] = FULL_BY_DEFAULT
    ) -> Mapping[Target, AnyArtifact | UndecodableError]:
        self._record("resolve", len(targets))
        return super().resolve(targets, projection)

    def page(
        self,
        listing: Listing,
        window: Window,
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Page[AnyArtifact]:
        self._record("page", window.size)
        return super().page(listing, window, projection)

    def count(self, listing: Listing) -> int | None:
        self._record("count", 1)
        return super().count(listing)

    def count_facets(
        self, listing: Listing, requests: Sequence[FacetRequest]
    ) -> Sequence[Sequence[FacetValue] | None]:
        self._record("count_facets", len(requests))
        return super().count_facets(listing, requests)

    def search_state(self) -> SearchState:
        return self.state or super().search_state()

    def read_reverse_links(
        self,
        queries: Sequence[ReverseLinkQuery],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Sequence[Page[AnyArtifact]]:
        self._record("read_reverse_links", len(queries))
        return super().read_reverse_links(queries, projection)

    def count_reverse_links(self, artifacts: Sequence[PartialArtifact]) -> Sequence[int | None]:
        self._record("count_reverse_links", len(artifacts))
        return super().count_reverse_links(artifacts)

    def register(  # type: ignore[override] # the protocol's return type, wider than SQLite's
        self,
        new_artifacts: Sequence[NewArtifact],
        on_conflict: OnConflict,
        attribution: Attribution = ANONYMOUS,
    ) -> Sequence[Written | WriteError | StoreUnavailableError]:
        self._record("register", len(new_artifacts))
        accepted, failed = new_artifacts[: self.capacity], new_artifacts[self.capacity :]
        results = super().register(accepted, on_conflict, attribution)
        return [*results, *(StoreUnavailableError() for _ in failed)]

    def update(
        self,
        id: str,  # noqa: A002 - the name in the protocol
        type: ArtifactType | None,  # noqa: A002 - the name in the protocol
        changes: ArtifactPatch,
        expected_version: int | None = None,
        attribution: Attribution = ANONYMOUS,
    ) -> Written | WriteError:
        self._record("update", 1)
        return super().update(id, type, changes, expected_version, attribution)

    def delete(
        self,
        id: str,  # noqa: A002 - the name in the protocol
        type: ArtifactType | None,  # noqa: A002 - the name in the protocol
        expected_version: int | None = None,
        attribution: Attribution = ANONYMOUS,
    ) -> Deleted | WriteError:
        self._record("delete", 1)
        return super().delete(id, type, expected_version, attribution)

    def restore(
        self,
        id: str,  # noqa: A002 - the name in the protocol
        attribution: Attribution = ANONYMOUS,
    ) -> Written | WriteError:
        self._record("restore", 1)
        return super().restore(id, attribution)

    def find_successor(self, artifact: PartialArtifact) -> Artifact | None:
        self._record("find_successor", 1)
        return super().find_successor(artifact)

    def reset(self) -> Iterator[int]:
        self._record("reset", 1)
        return super().reset()

    def read_history(self, queries: Sequence[HistoryQuery]) -> Sequence[HistoryPage]:
        self._record("read_history", len(queries))
        return super().read_history(queries)

    def read_feed(
        self, after: str | None, first: int, filter_: ChangeFilter = ALL_CHANGES
    ) -> FeedPage:
        self._record("read_feed", first)
        return super().read_feed(after, first, filter_)

    def feed_cursor(self) -> str:
        self._record("feed_cursor", 1)
        return super().feed_cursor()

    def read_recent_changes(
        self, before: str | None, first: int, filter_: ChangeFilter = ALL_CHANGES
    ) -> FeedPage:
        self._record("read_recent_changes", first)
        return super().read_recent_changes(before, first, filter_)

    def ping(self) -> None:
        self._record("ping", 1)
        super().ping()

    def _record(self, method: str, count: int) -> None:
        self.calls.append((method, count))
        assert self.gate.wait(timeout=10), "the gate was not opened within 10 s"
        failing = self.failing_method
        if self.failure is not None and (failing is None or method in failing.split()):
            raise self.failure
