"""What a model's references resolve to, in as few waves as can be."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from graph.loaders import Loaders
from storage.records import Artifact, Reference, ReferenceKind, Target

Links = Callable[[Any], Iterable[Target]]
"""What a link field of an object will ask its loader for, so that it can be read beforehand."""
LINKS = "links"
"""Where a field's definition keeps them."""


def of_kind(artifact: Artifact, kind: ReferenceKind) -> tuple[Reference, ...]:
    """An artifact's references of one kind, in their order."""
    return tuple([r for r in artifact.references if r.kind is kind])


async def first_link(loaders: Loaders, references: Sequence[Reference]) -> Artifact | None:
    """What the first reference that resolves points to.

    Nearly always that is the first of all; only where it is not, the rest is read, at once.
    """
    if not references:
        return None
    found = await loaders.artifact_by_target.load(references[0].target)
    if found is not None or len(references) == 1:
        return found
    rest = await all_links(loaders, references[1:])
    return rest[0] if rest else None


async def all_links(loaders: Loaders, references: Sequence[Reference]) -> list[Artifact]:
    """What every reference that resolves points to, in the references' order."""
    found = await loaders.artifact_by_target.load_many(r.target for r in references)
    return [artifact for artifact in found if artifact is not None]
