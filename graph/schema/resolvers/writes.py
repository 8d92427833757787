"""Validate the input of mutations, write it and collect the results."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ParamSpec, TypeVar

from graph.context import Context
from graph.schema.types.payloads import UserError
from graph.telemetry.request_log import log_write
from storage.artifacts.changes import ChangeKind
from storage.artifacts.ids import is_id
from storage.artifacts.inputs import parse_new_artifact, parse_patch
from storage.artifacts.records import Artifact, ArtifactType
from storage.artifacts.write_errors import not_deleted_error, not_found_error
from storage.artifacts.writes import (
    Deleted,
    InvalidInputError,
    NewArtifact,
    OnConflict,
    WriteError,
    WriteOutcome,
    Written,
)
from storage.errors import StoreUnavailableError

_P = ParamSpec("_P")
_T = TypeVar("_T")

_INPUT = "input"
"""The first part of the paths in errors of an input, wherever it is among the arguments."""


@dataclass(frozen=True, slots=True)
class WriteResult:
    """The result of a write: the artifact and the outcome, or the reason why there is none."""

    artifact: Artifact | None = None
    outcome: WriteOutcome | None = None
    errors: tuple[WriteError, ...] = ()
    failure: StoreUnavailableError | None = None
    """Set if the store failed after other writes of the same request took effect."""

    def user_errors(self) -> list[UserError]:
        """Return the errors as GraphQL objects."""
        return [UserError.from_write_error(error) for error in self.errors]

    def move_errors(self, *path: str, depth: int = 1) -> "WriteResult":
        """Return the result with `path` in place of the first parts of the input's errors."""
        errors = tuple(_move_error(error, path, depth) for error in self.errors)
        return replace(self, errors=errors)


async def register(
    context: Context,
    artifact_type: ArtifactType,
    fields: Mapping[str, Any],
    on_conflict: OnConflict,
) -> WriteResult:
    """Register an artifact.

    Raises:
        StoreUnavailableError: The store failed.
    """
    (result,) = await register_many(context, [(artifact_type, fields)], on_conflict)
    if result.failure is not None:
        raise result.failure
    return result


async def register_many(
    context: Context,
    inputs: Sequence[tuple[ArtifactType, Mapping[str, Any]]],
    on_conflict: OnConflict,
) -> list[WriteResult]:
    """Register several artifacts in one call of the store; one result per input, in order."""
    parsed = await context.compute(parse_inputs, inputs)
    valid = [p for p in parsed if isinstance(p, NewArtifact)]
    if not valid:
        return [p for p in parsed if isinstance(p, WriteResult)]
    store, attribution = context.store, context.attribution
    written = iter(await context.write(store.register, valid, on_conflict, attribution))
    return [
        p if isinstance(p, WriteResult) else _to_result(context, next(written)) for p in parsed
    ]


def parse_inputs(
    inputs: Sequence[tuple[ArtifactType, Mapping[str, Any]]],
) -> list[NewArtifact | WriteResult]:
    """Return the artifact to register for each valid input, and the result of the others."""
    return [_parse(parse_new_artifact, *input_) for input_ in inputs]


async def update(
    context: Context,
    id_: str,
    artifact_type: ArtifactType,
    fields: Mapping[str, Any],
    expected_version: int | None,
) -> WriteResult:
    """Update the given fields of an artifact."""
    if not is_id(id_):
        return WriteResult(errors=(not_found_error(id_),))
    patch = _parse(parse_patch, artifact_type, fields)
    if isinstance(patch, WriteResult):
        return patch
    version = _version_or_none(expected_version)
    written = await context.write(
        context.store.update, id_, artifact_type, patch, version, context.attribution
    )
    return _to_result(context, written)


async def delete(
    context: Context,
    id_: str,
    artifact_type: ArtifactType | None,
    expected_version: int | None,
) -> Deleted | WriteError:
    """Delete an artifact."""
    if not is_id(id_):
        return not_found_error(id_)
    version = _version_or_none(expected_version)
    deleted = await context.write(
        context.store.delete, id_, artifact_type, version, context.attribution
    )
    if isinstance(deleted, Deleted):
        version = deleted.artifact.version + 1 if deleted.artifact else None
        log_write(context.attribution, id_, version, ChangeKind.DELETED.name)
    return deleted


async def restore(context: Context, id_: str) -> WriteResult:
    """Restore a deleted artifact."""
    if not is_id(id_):
        return WriteResult(errors=(not_deleted_error(id_),))
    restored = await context.write(context.store.restore, id_, context.attribution)
    if isinstance(restored, WriteError):
        return WriteResult(errors=(replace(restored, field=("id",)),))
    artifact = restored.artifact
    log_write(context.attribution, artifact.id, artifact.version, ChangeKind.RESTORED.name)
    return WriteResult(artifact, restored.outcome)


def _parse(parse: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T | WriteResult:
    """Return what is parsed, or the result of a write whose input breaks rules."""
    try:
        return parse(*args, **kwargs)
    except InvalidInputError as error:
        return WriteResult(errors=error.errors)


def _move_error(error: WriteError, path: Sequence[str], depth: int) -> WriteError:
    if error.field[:1] != (_INPUT,):
        return error
    return replace(error, field=(*path, *error.field[depth:]))


def _version_or_none(version: int | None) -> int | None:
    """Return None for a version that was left out; 0 is a version that no artifact has."""
    return version if isinstance(version, int) else None


def _to_result(
    context: Context, written: Written | WriteError | StoreUnavailableError
) -> WriteResult:
    """Return the result of a write, which is logged if it changed something."""
    if isinstance(written, WriteError):
        return WriteResult(errors=(written,))
    if isinstance(written, StoreUnavailableError):
        return WriteResult(failure=written)
    artifact = written.artifact
    if written.outcome is not WriteOutcome.UNCHANGED:
        log_write(context.attribution, artifact.id, artifact.version, _get_kind(written).name)
    return WriteResult(artifact, written.outcome)


def _get_kind(written: Written) -> ChangeKind:
    """Return the kind of change of a registration or update."""
    if written.outcome is WriteOutcome.CREATED:
        return ChangeKind.REGISTERED
    is_rating = written.artifact.content_version != written.artifact.version
    return ChangeKind.RATED if is_rating else ChangeKind.UPDATED
