"""Resolves all references of artifacts in one batch, and keeps what belongs together."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from typing import Final

from graph.loading.batch_loader import Loaded
from graph.loading.loaders import Loaders
from storage.artifacts.frozen import frozen_dataclass
from storage.artifacts.records import (
    NOT_READ,
    PartialArtifact,
    Reference,
    ReferenceKind,
    Target,
    require_read,
)
from storage.errors import UndecodableError

ALL_KINDS: Final = frozenset(ReferenceKind)
_MAX_DETAILED = 100
"""Targets whose artifacts are read with their details at once. Of more, a walk takes few."""


@frozen_dataclass
class ResolvedReference:
    """A reference, the model that has it, and what it resolves to now, maybe without details.

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

    All that have not been read yet are one call of the store. If they are many, they are read
    without their details.
    """
    models = list(artifacts)
    count = sum(len(require_read(model.references)) for model in models)
    await loaders.turns.take(count)
    pairs = [
        (model, reference) for model in models for reference in list_references(model, kinds)
    ]
    if not pairs:
        return []
    found = await _load_targets(loaders, [reference.target for _, reference in pairs])
    await loaders.turns.take(count)
    return [
        ResolvedReference(model, reference, artifact)
        for (model, reference), artifact in zip(pairs, found, strict=True)
    ]


async def load_details(
    loaders: Loaders, artifacts: Iterable[PartialArtifact], size: int
) -> AsyncIterator[Sequence[Loaded[PartialArtifact]]]:
    """Yield artifacts with their details, in parts until the caller stops.

    Those that have them already are one part. Otherwise each part is one call of the store,
    for `size` artifacts at first and then for twice as many each time.
    """
    found = {artifact.id: artifact for artifact in artifacts}
    if all(artifact.references is not NOT_READ for artifact in found.values()):
        yield list(found.values())
        return
    ids = list(found)
    while ids:
        part, ids = ids[:size], ids[size:]
        loaded = await loaders.artifact_by_id.load_many(part)
        yield [artifact for artifact in loaded if artifact is not None]
        size *= 2


async def _load_targets(
    loaders: Loaders, targets: Sequence[Target]
) -> list[Loaded[PartialArtifact | None]]:
    """Return the artifacts of targets, with their details if few of them are not read yet."""
    detailed, core = loaders.artifact_by_target, loaders.core_by_target
    others = {target for target in targets if not detailed.has(target)}
    new = {target for target in others if not core.has(target)}
    if len(new) + detailed.open_size <= _MAX_DETAILED:
        others -= new
    if not others:
        return await detailed.load_many(targets)
    found = core.load_many(others), detailed.load_many(t for t in targets if t not in others)
    without_details, with_details = (
        dict(zip(others, await found[0], strict=True)),
        iter(await found[1]),
    )
    return [without_details[t] if t in others else next(with_details) for t in targets]
