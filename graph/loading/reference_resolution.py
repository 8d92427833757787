"""Resolves the references of models to artifacts, with as few batches as possible."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from graph.engine.deferred import Deferred
from graph.loading.batch_loader import Loaded, require_value
from graph.loading.loaders import Loaders
from storage.artifacts.records import (
    PartialArtifact,
    Reference,
    ReferenceKind,
    require_read,
)

_T = TypeVar("_T")


def select_references(artifact: PartialArtifact, kind: ReferenceKind) -> list[Reference]:
    """Return an artifact's references of one kind, in their order."""
    return [r for r in require_read(artifact.references) if r.kind is kind]


def resolve_first_reference(
    loaders: Loaders,
    artifact: PartialArtifact,
    kind: ReferenceKind,
    convert: Callable[[PartialArtifact], _T],
) -> Deferred[_T | None] | None:
    """Return what `convert` makes of the artifact of the first reference that resolves.

    The first reference of a kind nearly always resolves; the others are read only where it
    does not, in one batch. None if there are no references; the result is None if none
    resolves, or raises UndecodableError if the artifact cannot be read.
    """
    for reference in require_read(artifact.references):
        if reference.kind is kind:
            found = loaders.artifact_by_target.load(reference.target)
            return found.map(partial(_complete_first, loaders, artifact, kind, convert))
    return None


def _complete_first(
    loaders: Loaders,
    artifact: PartialArtifact,
    kind: ReferenceKind,
    convert: Callable[[PartialArtifact], _T],
    found: PartialArtifact | None,
) -> _T | Deferred[_T | None] | None:
    """Return the object of the artifact that was found; if there is none, try the others."""
    if found is not None:
        return convert(found)
    others = select_references(artifact, kind)[1:]
    if not others:
        return None
    return load_references(loaders, others).map(partial(_convert_first, convert))


def _convert_first(
    convert: Callable[[PartialArtifact], _T], loaded: list[Loaded[PartialArtifact]]
) -> _T | None:
    return convert(require_value(loaded[0])) if loaded else None


def load_references(
    loaders: Loaders, references: Iterable[Reference]
) -> Deferred[list[Loaded[PartialArtifact]]]:
    """Return the artifact of every reference that resolves, in the references' order.

    One that cannot be read is an error in its place.
    """
    targets = (reference.target for reference in references)
    return loaders.artifact_by_target.load_many(targets).map(_drop_missing)


def resolve_references(
    loaders: Loaders, references: Iterable[Reference]
) -> Deferred[list[PartialArtifact]]:
    """Return the artifact of every reference that resolves, in the references' order.

    The result raises UndecodableError if one of the artifacts cannot be read.
    """
    return load_references(loaders, references).map(_require_all)


def _require_all(loaded: Iterable[Loaded[PartialArtifact]]) -> list[PartialArtifact]:
    return [require_value(artifact) for artifact in loaded]


def _drop_missing(
    resolved: Iterable[Loaded[PartialArtifact | None]],
) -> list[Loaded[PartialArtifact]]:
    return [artifact for artifact in resolved if artifact is not None]
