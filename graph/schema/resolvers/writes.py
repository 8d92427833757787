"""What mutations do: check the input, write, and tell what became of it."""

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
class Outcome:
    """The artifact that a write made, or why there is none."""

    artifact: Artifact | None = None
    errors: tuple[WriteError, ...] = ()
    failure: StoreUnavailableError | None = None
    """Where the store failed after others of the same request took effect."""

    def user_errors(self, *prefix: str) -> list[UserError]:
        """Why there is no artifact, each error's path beginning with `prefix`."""
        return [UserError.of(rejection, prefix) for rejection in self.errors]


async def register(
    context: Context,
    of: ArtifactType,
    given: Mapping[str, Any],
    on_conflict: OnConflict,
) -> Outcome:
    """Register an artifact."""
    (outcome,) = await register_all(context, [(of, given)], on_conflict)
    if outcome.failure is not None:
        raise outcome.failure
    return outcome


async def register_all(
    context: Context,
    given: Sequence[tuple[ArtifactType, Mapping[str, Any]]],
    on_conflict: OnConflict,
) -> list[Outcome]:
    """Register what was given: an outcome for each, in their order, from one call."""
    drafts = [_draft(of, fields) for of, fields in given]
    good = [d for d in drafts if isinstance(d, NewArtifact)]
    if not good:
        return [d for d in drafts if isinstance(d, Outcome)]
    written = iter(await context.write(context.store.register, good, on_conflict))
    return [d if isinstance(d, Outcome) else _outcome(next(written)) for d in drafts]


async def update(
    context: Context,
    id_: str,
    of: ArtifactType,
    given: Mapping[str, Any],
    expected_version: int | None,
) -> Outcome:
    """Change what was given of an artifact."""
    if not is_id(id_):
        return _unknown(id_)
    try:
        wanted = parse_patch(of, given)
    except InvalidInputError as error:
        return Outcome(errors=error.errors)
    version = _given(expected_version)
    return _outcome(await context.write(context.store.update, id_, of, wanted, version))


async def delete(
    context: Context, id_: str, of: ArtifactType | None, expected_version: int | None
) -> Outcome:
    """Delete an artifact."""
    if not is_id(id_):
        return _unknown(id_)
    version = _given(expected_version)
    return _outcome(await context.write(context.store.delete, id_, of, version))


def _draft(of: ArtifactType, given: Mapping[str, Any]) -> NewArtifact | Outcome:
    try:
        return parse_new_artifact(of, given)
    except InvalidInputError as error:
        return Outcome(errors=error.errors)


def _given(version: int | None) -> int | None:
    """None too where the version was left out; 0 is a version that nothing has."""
    return version if isinstance(version, int) else None


def _outcome(written: Registered | Artifact | WriteError | StoreUnavailableError) -> Outcome:
    if isinstance(written, WriteError):
        return Outcome(errors=(written,))
    if isinstance(written, StoreUnavailableError):
        return Outcome(failure=written)
    return Outcome(written.artifact if isinstance(written, Registered) else written)


def _unknown(id_: str) -> Outcome:
    message = f"There is no artifact {id_}."
    unknown = WriteError(code=WriteErrorCode.NOT_FOUND, message=message, field=("id",))
    return Outcome(errors=(unknown,))
