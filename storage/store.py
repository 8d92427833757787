"""The protocol of stores. Reads and registrations take batches, never single artifacts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

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


@dataclass(frozen=True, slots=True)
class ReverseLinkQuery:
    """A query for a page of the models with a reference to `artifact`, in the order of ids."""

    artifact: PartialArtifact
    first: int
    after: str | None = None


Progress = Callable[[str, int, int], None]
"""Called with the name of a stage, the amount that is done, and the total."""

UNREADABLE_RATING = "has a rating that cannot be read"


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """Something stored that contradicts something else stored; `check` reports it."""

    about: str
    """The key of the item, or the name of the file."""
    message: str
    is_repairable: bool = True
    """True if the artifacts themselves determine what is right."""


class Store(Protocol):
    """A store of artifacts; it can be shared between threads.

    Every method may raise StoreUnavailableError; a write then took effect completely or not
    at all. Reads by id and by target see every write that was acknowledged before. Details
    that the projection of a read leaves out are NOT_READ.
    """

    @property
    def name(self) -> str:
        """The name of the table or file, with which a reset is confirmed."""

    def get(
        self, ids: Sequence[str], projection: Projection[AnyArtifact] = FULL_BY_DEFAULT
    ) -> Mapping[str, AnyArtifact]:
        """Return the artifacts with these ids; ids that no artifact has are left out."""

    def resolve(
        self,
        targets: Sequence[Target],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Mapping[Target, AnyArtifact]:
        """Return the artifacts that the targets resolve to; unresolved targets are left out."""

    def page(
        self,
        listing: Listing,
        first: int,
        after: str | None = None,
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Page[AnyArtifact]:
        """Return the `first` artifacts of a listing after the position `after`."""

    def count(self, listing: Listing) -> int | None:
        """Return the number of artifacts of a listing; None if counting would read too many."""

    def read_reverse_links(
        self,
        queries: Sequence[ReverseLinkQuery],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Sequence[Page[AnyArtifact]]:
        """Return a page for each query, with each model once; positions are model ids."""

    def count_reverse_links(self, artifacts: Sequence[PartialArtifact]) -> Sequence[int | None]:
        """Return the number of models per artifact; None if counting would read too many."""

    def register(
        self, new_artifacts: Sequence[NewArtifact], on_conflict: OnConflict
    ) -> Sequence[Registered | WriteError | StoreUnavailableError]:
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
    ) -> Artifact | WriteError:
        """Apply a patch and return the next version of the artifact."""

    def delete(
        self,
        id: str,  # noqa: A002 - the registry's own word
        type: ArtifactType | None,  # noqa: A002 - likewise
        expected_version: int | None = None,
    ) -> Artifact | WriteError:
        """Delete an artifact and return its last version."""

    def reset(self) -> Iterator[int]:
        """Delete all artifacts in batches, and yield the size of each batch when it is done.

        Each batch has the time of a request. If the reset is interrupted, the artifacts that
        are left are consistent and another reset deletes them. Artifacts that are registered
        in the meantime may remain.
        """

    def scan(self) -> Iterator[Artifact]:
        """Yield all artifacts in the order of `named_at`; for commands only, not for requests.

        If they are registered in this order, names have the same owners as here.
        """

    def check(self) -> Iterator[Inconsistency]:
        """Yield all inconsistencies; for commands only."""

    def repair(self, progress: Progress) -> int:
        """Repair what the artifacts determine, and return the number of repairs."""

    def ping(self) -> None:
        """Raise StoreUnavailableError unless the store answers."""

    def close(self) -> None:
        """Close files and connections, and stop threads."""
