"""What every store can do, in the registry's own words and always in batches."""

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
from storage.inconsistencies import Inconsistency
from storage.search.listing import Listing
from storage.search.paging import Page


@dataclass(frozen=True, slots=True)
class ReverseLinkQuery:
    """A page of the models of which a reference resolves to `artifact`, in the order of ids."""

    artifact: PartialArtifact
    first: int
    after: str | None = None


Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much."""


class Store(Protocol):
    """A registry's storage: safe to share between threads.

    Every method may raise StoreUnavailableError, and then a write took effect as a whole or
    not at all. Answers by id and by target reflect every write that was acknowledged before.
    The details of artifacts that a projection leaves out are NOT_READ.
    """

    @property
    def name(self) -> str:
        """What confirms a reset: the table's name, or the file's."""

    def get(
        self, ids: Sequence[str], projection: Projection[AnyArtifact] = FULL_BY_DEFAULT
    ) -> Mapping[str, AnyArtifact]:
        """The artifacts that have these ids; an id that nothing has is left out."""

    def resolve(
        self,
        targets: Sequence[Target],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Mapping[Target, AnyArtifact]:
        """What the targets are now; a target that nothing matches is left out."""

    def page(
        self,
        listing: Listing,
        first: int,
        after: str | None = None,
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Page[AnyArtifact]:
        """The `first` artifacts of a listing behind the position `after`."""

    def count(self, listing: Listing) -> int | None:
        """How many artifacts a listing has; None where counting would read too much."""

    def read_reverse_links(
        self,
        requests: Sequence[ReverseLinkQuery],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Sequence[Page[AnyArtifact]]:
        """A page for each request: every model once, positions are model ids."""

    def count_reverse_links(self, artifacts: Sequence[PartialArtifact]) -> Sequence[int | None]:
        """How many models each artifact has; None where counting would read too much."""

    def register(
        self, drafts: Sequence[NewArtifact], on_conflict: OnConflict
    ) -> Sequence[Registered | WriteError | StoreUnavailableError]:
        """Register drafts, each on its own: an outcome for each, in their order.

        Of two drafts with one type and url the first comes first. Where the store fails
        after some took effect, the error is the outcome of each of the others.
        """

    def update(
        self,
        id: str,  # noqa: A002 - the registry's own word
        type: ArtifactType | None,  # noqa: A002 - likewise
        changes: ArtifactPatch,
        expected_version: int | None = None,
    ) -> Artifact | WriteError:
        """Change the fields that are given and return the artifact's next version."""

    def delete(
        self,
        id: str,  # noqa: A002 - the registry's own word
        type: ArtifactType | None,  # noqa: A002 - likewise
        expected_version: int | None = None,
    ) -> Artifact | WriteError:
        """Delete an artifact and return what it was."""

    def reset(self) -> Iterator[int]:
        """Delete every artifact, in batches: how many each batch deleted, as soon as it has.

        However long it takes, each batch has the time of a request of its own. Where it is
        interrupted, what is left is whole, and another reset deletes that. What is registered
        meanwhile may outlive it.
        """

    def scan(self) -> Iterator[Artifact]:
        """Every artifact in the order of their `named_at`, for commands; never for a request.

        Registered in this order, namesakes get the owner that they have here.
        """

    def check(self) -> Iterator[Inconsistency]:
        """Everything stored that contradicts something else stored, for commands."""

    def repair(self, progress: Progress) -> int:
        """Mend what follows from the artifacts and return how much it was."""

    def ping(self) -> None:
        """Raise StoreUnavailableError unless the store answers."""

    def close(self) -> None:
        """Let go of files, connections and threads."""
