"""The protocol of stores. Reads and registrations take batches, never single artifacts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Protocol

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
from storage.callbacks import Progress, ignore_unreadable
from storage.change_queries import (
    ALL_CHANGES,
    ChangeFilter,
    DeletedArtifact,
    FeedPage,
    HistoryPage,
    HistoryQuery,
    ImportedHistory,
)
from storage.errors import StoreUnavailableError, UndecodableError
from storage.inconsistencies import Inconsistency
from storage.reverse_links import ReverseLinkQuery
from storage.search.facets import FacetRequest, FacetValue
from storage.search.listing import Listing
from storage.search.pages import Page, Window
from storage.search.state import SearchState


class Store(Protocol):
    """A store of artifacts; it can be shared between threads.

    Every method may raise StoreUnavailableError; a write then took effect completely or not
    at all. Reads by id and by target see every write that was acknowledged before. Details
    that the projection of a read leaves out are NOT_READ. A stored artifact that cannot be
    decoded is an UndecodableError in its place; listings and reverse links leave it out.

    Every write that changes something is a change, stored with it: `attribution` says who
    makes it. A write that changes nothing is UNCHANGED and leaves the version.
    """

    @property
    def name(self) -> str:
        """The name of the table or file, with which a reset is confirmed."""

    def get(
        self, ids: Sequence[str], projection: Projection[AnyArtifact] = FULL_BY_DEFAULT
    ) -> Mapping[str, AnyArtifact | UndecodableError]:
        """Return the artifacts with these ids; ids that no artifact has are left out."""

    def resolve(
        self,
        targets: Sequence[Target],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Mapping[Target, AnyArtifact | UndecodableError]:
        """Return the artifacts that the targets resolve to; unresolved targets are left out."""

    def page(
        self,
        listing: Listing,
        window: Window,
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Page[AnyArtifact]:
        """Return a part of a listing.

        A walk from page to page misses and repeats no artifact that stays unchanged. A page
        shows all that this store has acknowledged, and all that the page showed whose
        positions the window has; what others write, after the search's maximum age.

        Raises:
            SearchNotReadyError: if the search index is being built.
            InvalidCursorError: if a position of the window is not one of this listing.
        """

    def count(self, listing: Listing) -> int | None:
        """Return the number of artifacts of a listing; None if it is above MAX_COUNTED.

        Raises:
            SearchNotReadyError: if the search index is being built.
        """

    def count_facets(
        self, listing: Listing, requests: Sequence[FacetRequest]
    ) -> Sequence[Sequence[FacetValue] | None]:
        """Return the most frequent values for each request, the most frequent first.

        Equally frequent ones are in the order of their normalised values, None first. None
        in place of the values of a request with more than MAX_COUNTED matches.

        Raises:
            SearchNotReadyError: if the search index is being built.
        """

    def search_state(self) -> SearchState:
        """Return the state of the search index, without asking the store."""

    def reindex(self, progress: "Progress") -> int:
        """Build the search index anew, beside the old one; return its number of artifacts."""

    def read_reverse_links(
        self,
        queries: Sequence[ReverseLinkQuery],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Sequence[Page[AnyArtifact]]:
        """Return a page for each query, with each model once; positions are model ids."""

    def count_reverse_links(self, artifacts: Sequence[PartialArtifact]) -> Sequence[int | None]:
        """Return the number of models per artifact; None if counting would read too many."""

    def register(
        self,
        new_artifacts: Sequence[NewArtifact],
        on_conflict: OnConflict,
        attribution: Attribution = ANONYMOUS,
    ) -> Sequence[Written | WriteError | StoreUnavailableError]:
        """Register artifacts independently of each other; return a result for each, in order.

        Of two with the same type and url, the first is registered first. If the store fails
        after some took effect, the error is the result of all others.
        """

    def update(
        self,
        id: str,  # noqa: A002 - the registry's own word
        type: ArtifactType | None,  # noqa: A002 - likewise
        changes: ArtifactPatch,
        expected_version: int | None = None,
        attribution: Attribution = ANONYMOUS,
    ) -> Written | WriteError:
        """Apply a patch and return the artifact, in its next version if that changed it.

        Raises:
            UndecodableError: if the stored artifact cannot be decoded.
        """

    def delete(
        self,
        id: str,  # noqa: A002 - the registry's own word
        type: ArtifactType | None,  # noqa: A002 - likewise
        expected_version: int | None = None,
        attribution: Attribution = ANONYMOUS,
    ) -> Deleted | WriteError:
        """Delete an artifact, also one that cannot be decoded."""

    def restore(
        self,
        id: str,  # noqa: A002 - the registry's own word
        attribution: Attribution = ANONYMOUS,
    ) -> Written | WriteError:
        """Restore a deleted artifact: CREATED, in the version after that of its deletion.

        NOT_FOUND if it is not known as deleted, ALREADY_EXISTS if its url was taken.
        """

    def find_successor(self, artifact: PartialArtifact) -> Artifact | None:
        """Return the namesake that its name would resolve to if the artifact were deleted.

        None if the artifact does not own its name.
        """

    def reset(self) -> Iterator[int]:
        """Delete everything in batches, and yield the artifacts deleted by each batch.

        Each batch has the time of a request. When it ends, nothing is left of what was there
        when it began. If it is interrupted, the artifacts that are left are consistent and
        another reset deletes them. Artifacts registered in the meantime may remain, whole.
        """

    def read_history(self, queries: Sequence[HistoryQuery]) -> Sequence[HistoryPage]:
        """Return a page for each query; pages end early after about a megabyte."""

    def read_feed(
        self, after: str | None, first: int, filter_: ChangeFilter = ALL_CHANGES
    ) -> FeedPage:
        """Return changes in the order in which they were committed, after a cursor.

        Without one, from the oldest that is kept. Changes of one artifact are in the order of
        their versions. At most MAX_FEED_ENTRIES are looked at.

        Raises:
            InvalidCursorError: if the cursor is not one of this store.
            CursorExpiredError: if changes after the cursor are no longer kept.
        """

    def feed_cursor(self) -> str:
        """Return the cursor after the newest change."""

    def read_recent_changes(
        self, before: str | None, first: int, filter_: ChangeFilter = ALL_CHANGES
    ) -> FeedPage:
        """Return changes, the newest first, before a cursor of such a page; see read_feed."""

    def set_retention(self, retention: timedelta | None, progress: "Progress") -> None:
        """Keep changes and deleted artifacts for so long, None for ever; for commands only."""

    def get_retention(self) -> timedelta | None:
        """Return how long changes and deleted artifacts are kept; None for ever."""

    def scan_deleted(self) -> Iterator[DeletedArtifact]:
        """Yield all deleted artifacts that can be restored; for commands only."""

    def get_deleted(self, ids: Sequence[str]) -> Mapping[str, DeletedArtifact]:
        """Return the deleted artifacts with these ids that can be restored."""

    def snapshot(self) -> AbstractContextManager[None]:
        """Let this thread's reads see one state until the block ends, if the store can do so.

        For commands only: what is written meanwhile takes room until then.
        """

    def import_history(
        self, entries: Sequence[tuple[NewArtifact, ImportedHistory]], on_conflict: OnConflict
    ) -> Sequence[Written | WriteError | StoreUnavailableError]:
        """Register exported artifacts with their histories; for commands only.

        The newest change of each is stored as it was, with one entry in the feed; older ones
        are stored if they are absent, without entries. For a deleted artifact only these and
        what restoring it needs are stored.
        """

    def scan(
        self, on_unreadable: Callable[[UndecodableError], None] = ignore_unreadable
    ) -> Iterator[Artifact]:
        """Yield all artifacts in the order of `named_at`; for commands only, not for requests.

        If they are registered in this order, names have the same owners as here. Those that
        cannot be decoded are left out, and their errors passed to `on_unreadable`.
        """

    def check(self) -> Iterator[Inconsistency]:
        """Yield all inconsistencies; for commands only."""

    def repair(self, progress: Progress) -> int:
        """Repair what the artifacts determine, and return the number of repairs."""

    def ping(self) -> None:
        """Raise StoreUnavailableError unless the store answers, and its indexes do."""

    def close(self) -> None:
        """Close files and connections, and stop threads."""
