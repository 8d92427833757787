"""Resolves the targets of reference conditions to the references that resolve to them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from storage.artifacts.names import normalise
from storage.artifacts.projection import CORE_PROJECTION, Projection
from storage.artifacts.records import (
    KIND_OF_TYPE,
    LookupField,
    PartialArtifact,
    ReferenceKind,
    Target,
)
from storage.errors import UndecodableError
from storage.search.listing import Filter

Found: TypeAlias = Mapping[Target, PartialArtifact | UndecodableError]
Resolve: TypeAlias = Callable[[Sequence[Target], Projection[PartialArtifact]], Found]
"""The store's `resolve`."""


class LinkKey(NamedTuple):
    """The kind and the target of references to an artifact; names are normalised."""

    kind: ReferenceKind
    by: LookupField
    target: str


@dataclass(frozen=True, slots=True)
class Links:
    """For each condition of `Filter.references`, the keys of the references that meet it.

    None where the condition has no targets.
    """

    keys: tuple[tuple[LinkKey, ...] | None, ...] = ()


def find_links(filter_: Filter, resolve: Resolve) -> Links:
    """Resolve the targets of a filter; without any, `resolve` is not called.

    A target stands for its artifact: references match that now resolve to the artifact by its
    id, by its url, or by its name if it owns that.
    """
    targets = dict.fromkeys(t for each in filter_.references for t in each.targets or ())
    found = _resolve_all(resolve, list(targets))
    names = {target: _name_of(artifact) for target, artifact in found.items()}
    unknown = dict.fromkeys(
        name for target, name in names.items() if name.value and name != target
    )
    owners = found | _resolve_all(resolve, [name for name in unknown if name not in found])

    def owns_name(artifact: PartialArtifact) -> bool:
        owner = owners.get(_name_of(artifact))
        return owner is not None and owner.id == artifact.id

    keys = {
        target: tuple(_keys(artifact, has_name=owns_name(artifact)))
        for target, artifact in found.items()
    }
    return Links(tuple(_join(each.targets, keys) for each in filter_.references))


def _resolve_all(resolve: Resolve, targets: Sequence[Target]) -> dict[Target, PartialArtifact]:
    found = resolve(targets, CORE_PROJECTION) if targets else {}
    return {t: a for t, a in found.items() if isinstance(a, PartialArtifact)}


def _name_of(artifact: PartialArtifact) -> Target:
    return Target(artifact.type, LookupField.NAME, normalise(artifact.name))


def _keys(artifact: PartialArtifact, *, has_name: bool) -> Iterator[LinkKey]:
    kind = KIND_OF_TYPE[artifact.type]
    yield LinkKey(kind, LookupField.ID, artifact.id)
    yield LinkKey(kind, LookupField.URL, artifact.url)
    if has_name:
        yield LinkKey(kind, LookupField.NAME, normalise(artifact.name))


def _join(
    targets: tuple[Target, ...] | None, keys: Mapping[Target, tuple[LinkKey, ...]]
) -> tuple[LinkKey, ...] | None:
    if targets is None:
        return None
    return tuple(dict.fromkeys(key for target in targets for key in keys.get(target, ())))
