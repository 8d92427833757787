"""What a model's references resolve to, in as few waves as can be."""

from collections.abc import Callable, Iterable
from typing import Any

from graph.loaders import Loaders
from storage.records import Artifact, Reference, ReferenceKind, Target

Links = Callable[[Any], Iterable[Target]]
"""What a link field of an object will ask its loader for, so that it can be read beforehand."""
LINKS = "links"
"""Where a field's definition keeps them."""


def of_kind(artifact: Artifact, kind: ReferenceKind) -> list[Reference]:
    """An artifact's references of one kind, in their order."""
    return [r for r in artifact.references if r.kind is kind]


def first_target(artifact: Artifact, kind: ReferenceKind) -> Target | None:
    """What the first reference of a kind looks for."""
    for reference in artifact.references:
        if reference.kind is kind:
            return reference.target
    return None


async def first_link(
    loaders: Loaders, artifact: Artifact, kind: ReferenceKind
) -> Artifact | None:
    """What the first reference of a kind that resolves points to.

    Nearly always that is the first of all; only where it is not, the rest is read, at once.
    """
    target = first_target(artifact, kind)
    if target is None:
        return None
    found = await loaders.artifact_by_target.load(target)
    if found is not None:
        return found
    rest = await all_links(loaders, of_kind(artifact, kind)[1:])
    return rest[0] if rest else None


async def all_links(loaders: Loaders, references: Iterable[Reference]) -> list[Artifact]:
    """What every reference that resolves points to, in the references' order."""
    found = await loaders.artifact_by_target.load_many(r.target for r in references)
    return [artifact for artifact in found if artifact is not None]
