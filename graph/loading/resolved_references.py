"""Resolves all references of artifacts in one batch, and keeps what belongs together."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from graph.loading.batch_loader import Loaded
from graph.loading.loaders import Loaders
from storage.artifacts.records import (
    PartialArtifact,
    Reference,
    ReferenceKind,
    require_read,
)
from storage.errors import UndecodableError

ALL_KINDS: Final = frozenset(ReferenceKind)


@dataclass(frozen=True, slots=True)
class ResolvedReference:
    """A reference, the model that has it, and what it resolves to now.

    `artifact` is None if it resolves to nothing, and an error if that cannot be read.
    """

    model: PartialArtifact
    reference: Reference
    artifact: Loaded[PartialArtifact | None]

    @property
    def upstream(self) -> PartialArtifact | None:
        """The artifact, if there is one that can be read."""
        return None if isinstance(self.artifact, UndecodableError) else self.artifact

    @property
    def is_unreadable(self) -> bool:
        """True if the artifact is stored but cannot be read."""
        return isinstance(self.artifact, UndecodableError)


def list_references(
    artifact: PartialArtifact, kinds: Collection[ReferenceKind]
) -> list[Reference]:
    """Return an artifact's references of some kinds, in their order."""
    references = require_read(artifact.references)
    if len(kinds) == len(ALL_KINDS):
        return list(references)
    return [reference for reference in references if reference.kind in kinds]


async def load_all_references(
    loaders: Loaders,
    artifacts: Iterable[PartialArtifact],
    kinds: Collection[ReferenceKind] = ALL_KINDS,
) -> list[ResolvedReference]:
    """Resolve the references of artifacts, in the order of the artifacts and their references.

    All that have not been read yet are one call of the store.
    """
    pairs = [(a, reference) for a in artifacts for reference in list_references(a, kinds)]
    if not pairs:
        return []
    found = await loaders.artifact_by_target.load_many(r.target for _, r in pairs)
    return [ResolvedReference(*pair, f) for pair, f in zip(pairs, found, strict=True)]
