"""Validate the input of mutations, write it and collect the results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.context import Context
from graph.schema.types.payloads import UserError
from storage.artifacts.ids import is_id
from storage.artifacts.inputs import parse_new_artifact, parse_patch
from storage.artifacts.records import (
    Artifact,
    ArtifactType,
    InvalidInputError,
    NewArtifact,
    OnConflict,
    Registered,
    WriteError,
    WriteErrorCode,
)
from storage.errors import StoreUnavailableError


@dataclass(frozen=True, slots=True)
class WriteResult:
    """The result of a write: the artifact, or the reason why there is none."""

    artifact: Artifact | None = None
    errors: tuple[WriteError, ...] = ()
    failure: StoreUnavailableError | None = None
    """Set if the store failed after other writes of the same request took effect."""

    def user_errors(self, *prefix: str) -> list[UserError]:
        """Return the errors as GraphQL objects, their paths prefixed with `prefix`."""
        return [UserError.from_write_error(error, prefix) for error in self.errors]


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
    parsed = [_parse(artifact_type, fields) for artifact_type, fields in inputs]
    valid = [p for p in parsed if isinstance(p, NewArtifact)]
    if not valid:
        return [p for p in parsed if isinstance(p, WriteResult)]
    written = iter(await context.write(context.store.register, valid, on_conflict))
    return [p if isinstance(p, WriteResult) else _to_result(next(written)) for p in parsed]


async def update(
    context: Context,
    id_: str,
    artifact_type: ArtifactType,
    fields: Mapping[str, Any],
    expected_version: int | None,
) -> WriteResult:
    """Update the given fields of an artifact."""
    if not is_id(id_):
        return _not_found(id_)
    try:
        patch = parse_patch(artifact_type, fields)
    except InvalidInputError as error:
        return WriteResult(errors=error.errors)
    version = _version_or_none(expected_version)
    written = await context.write(context.store.update, id_, artifact_type, patch, version)
    return _to_result(written)


async def delete(
    context: Context,
    id_: str,
    artifact_type: ArtifactType | None,
    expected_version: int | None,
) -> WriteResult:
    """Delete an artifact."""
    if not is_id(id_):
        return _not_found(id_)
    version = _version_or_none(expected_version)
    return _to_result(await context.write(context.store.delete, id_, artifact_type, version))


def _parse(artifact_type: ArtifactType, fields: Mapping[str, Any]) -> NewArtifact | WriteResult:
    try:
        return parse_new_artifact(artifact_type, fields)
    except InvalidInputError as error:
        return WriteResult(errors=error.errors)


def _version_or_none(version: int | None) -> int | None:
    """Return None for a version that was left out; 0 is a version that no artifact has."""
    return version if isinstance(version, int) else None


def _to_result(
    written: Registered | Artifact | WriteError | StoreUnavailableError,
) -> WriteResult:
    if isinstance(written, WriteError):
        return WriteResult(errors=(written,))
    if isinstance(written, StoreUnavailableError):
        return WriteResult(failure=written)
    return WriteResult(written.artifact if isinstance(written, Registered) else written)


def _not_found(id_: str) -> WriteResult:
    message = f"There is no artifact {id_}."
    error = WriteError(code=WriteErrorCode.NOT_FOUND, message=message, field=("id",))
    return WriteResult(errors=(error,))
