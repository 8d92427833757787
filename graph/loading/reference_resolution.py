"""Resolves the references of models to artifacts, with as few batches as possible."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

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


def resolve_first_references(
    loaders: Loaders,
    artifacts: Sequence[PartialArtifact],
    kind: ReferenceKind,
    convert: Callable[[PartialArtifact], _T],
) -> Deferred[list[Loaded[_T | None]]]:
    """Return what `convert` makes of each artifact's first reference that resolves.

    The first reference of a kind nearly always resolves; the others are read only where it
    does not, in one batch. None where none resolves; UndecodableError where it cannot be read.
    """
    firsts = [_find_first(artifact, kind) for artifact in artifacts]
    loaded = loaders.artifact_by_target.load_many(r.target for r in firsts if r)

    def complete(found: list[Loaded[PartialArtifact | None]]) -> Any:  # noqa: ANN401 - or deferred
        each = iter(found)
        values = [next(each) if first else None for first in firsts]
        others = {
            index: select_references(artifacts[index], kind)[1:]
            for index, value in enumerate(values)
            if value is None and firsts[index]
        }
        if not any(others.values()):
            return [_convert(value, convert) for value in values]
        return _load_others(loaders, others, values).map(
            lambda completed: [_convert(value, convert) for value in completed]
        )

    return loaded.map(complete)


def _find_first(artifact: PartialArtifact, kind: ReferenceKind) -> Reference | None:
    for reference in require_read(artifact.references):
        if reference.kind is kind:
            return reference
    return None


def _load_others(
    loaders: Loaders,
    others: Mapping[int, Sequence[Reference]],
    values: Sequence[Loaded[PartialArtifact | None]],
) -> Deferred[list[Loaded[PartialArtifact | None]]]:
    """Put the artifact of the first other reference that resolves in the place of a value."""
    targets = [reference.target for references in others.values() for reference in references]

    def complete(
        found: list[Loaded[PartialArtifact | None]],
    ) -> list[Loaded[PartialArtifact | None]]:
        each, completed = iter(found), list(values)
        for index, references in others.items():
            resolved = [next(each) for _ in references]
            completed[index] = next((a for a in resolved if a is not None), None)
        return completed

    return loaders.artifact_by_target.load_many(targets).map(complete)


def _convert(
    value: Loaded[PartialArtifact | None], convert: Callable[[PartialArtifact], _T]
) -> Loaded[_T | None]:
    return convert(value) if isinstance(value, PartialArtifact) else value


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
