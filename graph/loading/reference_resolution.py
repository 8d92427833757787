"""Resolves the references of models to artifacts, with as few batches as possible."""

from collections.abc import Callable, Iterable
from typing import Any

from graphql.pyutils import AwaitableOrValue

from graph.loading.awaitables import is_awaitable, map_awaitable
from graph.loading.batch_loader import Loaded, require_value
from graph.loading.loaders import Loaders
from storage.artifacts.records import (
    PartialArtifact,
    Reference,
    ReferenceKind,
    Target,
    require_read,
)

GetTargets = Callable[[Any], Iterable[Target]]
"""Returns the targets that a link field of an object resolves, to prefetch them."""
LINK_TARGETS = "link_targets"
"""The key of a link field's GetTargets in the metadata of its definition."""


def select_references(artifact: PartialArtifact, kind: ReferenceKind) -> list[Reference]:
    """Return an artifact's references of one kind, in their order."""
    return [r for r in require_read(artifact.references) if r.kind is kind]


def get_first_target(artifact: PartialArtifact, kind: ReferenceKind) -> Target | None:
    """Return the target of an artifact's first reference of a kind."""
    for reference in require_read(artifact.references):
        if reference.kind is kind:
            return reference.target
    return None


def resolve_first_reference(
    loaders: Loaders, artifact: PartialArtifact, kind: ReferenceKind
) -> AwaitableOrValue[PartialArtifact | None]:
    """Return the artifact of the first reference of a kind that resolves.

    The first reference of all nearly always resolves; the others are read only where it does
    not, in one batch. An artifact that has been read already is returned without waiting.

    Raises:
        UndecodableError: The artifact cannot be read.
    """
    target = get_first_target(artifact, kind)
    if target is None:
        return None
    resolved = loaders.artifact_by_target.get_or_schedule(target)
    if resolved is None or is_awaitable(resolved):
        return _load_first_reference(loaders, artifact, kind, resolved)
    return resolved


async def _load_first_reference(
    loaders: Loaders,
    artifact: PartialArtifact,
    kind: ReferenceKind,
    first: AwaitableOrValue[PartialArtifact | None],
) -> PartialArtifact | None:
    found: PartialArtifact | None = await first if is_awaitable(first) else None
    if found is not None:
        return found
    _, *others = select_references(artifact, kind)
    resolved = await load_references(loaders, others)
    return require_value(resolved[0]) if resolved else None


async def load_references(
    loaders: Loaders, references: Iterable[Reference]
) -> list[Loaded[PartialArtifact]]:
    """Return the artifact of every reference that resolves, in the references' order.

    One that cannot be read is an error in its place.
    """
    targets = (reference.target for reference in references)
    return _drop_missing(await loaders.artifact_by_target.load_many(targets))


def resolve_references(
    loaders: Loaders, references: Iterable[Reference]
) -> AwaitableOrValue[list[PartialArtifact]]:
    """Return the artifact of every reference that resolves, in the references' order.

    They are returned without waiting if all have been read already.

    Raises:
        UndecodableError: One of the artifacts cannot be read.
    """
    targets = (reference.target for reference in references)
    return map_awaitable(
        loaders.artifact_by_target.get_many_or_schedule(targets), _require_resolved
    )


def _require_resolved(
    resolved: Iterable[Loaded[PartialArtifact | None]],
) -> list[PartialArtifact]:
    return [require_value(artifact) for artifact in _drop_missing(resolved)]


def _drop_missing(
    resolved: Iterable[Loaded[PartialArtifact | None]],
) -> list[Loaded[PartialArtifact]]:
    return [artifact for artifact in resolved if artifact is not None]
