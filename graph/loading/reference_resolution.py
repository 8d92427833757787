"""What a model's references resolve to, in as few waves as can be."""

from collections.abc import Callable, Iterable
from typing import Any

from graphql.pyutils import AwaitableOrValue

from graph.loading.awaitables import then
from graph.loading.loaders import Loaders
from storage.artifacts.records import (
    PartialArtifact,
    Reference,
    ReferenceKind,
    Target,
    require_read,
)

Links = Callable[[Any], Iterable[Target]]
"""What a link field of an object will ask its loader for, so that it can be read beforehand."""
LINKS = "links"
"""Where a field's definition keeps them."""


def of_kind(artifact: PartialArtifact, kind: ReferenceKind) -> list[Reference]:
    """An artifact's references of one kind, in their order."""
    return [r for r in require_read(artifact.references) if r.kind is kind]


def first_target(artifact: PartialArtifact, kind: ReferenceKind) -> Target | None:
    """What the first reference of a kind looks for."""
    for reference in require_read(artifact.references):
        if reference.kind is kind:
            return reference.target
    return None


def first_link(
    loaders: Loaders, artifact: PartialArtifact, kind: ReferenceKind
) -> AwaitableOrValue[PartialArtifact | None]:
    """What the first reference of a kind that resolves points to: at once, if it was read.

    Nearly always that is the first of all; only where it is not, the rest is read, at once.
    """
    target = first_target(artifact, kind)
    if target is None:
        return None
    found = loaders.artifact_by_target.peek(target)
    return found or _first_of(loaders, artifact, kind)


async def _first_of(
    loaders: Loaders, artifact: PartialArtifact, kind: ReferenceKind
) -> PartialArtifact | None:
    first, *others = of_kind(artifact, kind)
    for references in ([first], others):
        if found := await all_links(loaders, references):
            return found[0]
    return None


async def all_links(loaders: Loaders, references: Iterable[Reference]) -> list[PartialArtifact]:
    """What every reference that resolves points to, in the references' order."""
    return _resolved(await loaders.artifact_by_target.load_many(r.target for r in references))


def ready_links(
    loaders: Loaders, references: Iterable[Reference]
) -> AwaitableOrValue[list[PartialArtifact]]:
    """The same: at once, if all of them were read."""
    found = loaders.artifact_by_target.read_many(r.target for r in references)
    return then(found, _resolved)


def _resolved(found: Iterable[PartialArtifact | None]) -> list[PartialArtifact]:
    return [artifact for artifact in found if artifact is not None]
