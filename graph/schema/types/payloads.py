"""What mutations answer: the object, or why there is none."""

from collections.abc import Sequence
from typing import Self

import strawberry

from graph.schema.types.artifact import Artifact, artifact_of
from graph.schema.types.code import Code
from graph.schema.types.dataset import Dataset
from graph.schema.types.enums import WriteErrorCode
from graph.schema.types.model import Model
from graph.schema.types.strawberry_fields import described
from storage.artifacts import records
from storage.artifacts.records import WriteError
from storage.errors import StoreUnavailableError

_USER_ERRORS = "Why nothing was changed; empty on success."


@strawberry.type(description="Why a write was refused.")
class UserError:
    """A mistake that whoever called can mend."""

    code: WriteErrorCode = strawberry.field(description="What kind of mistake it is.")
    message: str = strawberry.field(description="What is wrong, for people.")
    field: list[str] | None = strawberry.field(
        description='The path into the input, such as `["datasets", "3", "name"]`; null where '
        "no single field is wrong."
    )
    artifact: Artifact | None = strawberry.field(
        description="The artifact in the way (ALREADY_EXISTS), or the artifact as it is now "
        "(VERSION_CONFLICT)."
    )

    @classmethod
    def of(cls, rejection: WriteError, prefix: Sequence[str] = ()) -> Self:
        """The error of a rejection, its path beginning with `prefix`."""
        path = [*prefix, *rejection.field] if rejection.field else []
        found = rejection.artifact
        return cls(
            code=rejection.code,
            message=rejection.message,
            field=path or None,
            artifact=None if found is None else artifact_of(found),
        )


@strawberry.type(description="What registering a model answers.")
class RegisterModelPayload:
    """A registered model."""

    model: Model | None = strawberry.field(description="The model; null where it was refused.")
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)


@strawberry.type(description="What registering a dataset answers.")
class RegisterDatasetPayload:
    """A registered dataset."""

    dataset: Dataset | None = strawberry.field(
        description="The dataset; null where it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)


@strawberry.type(description="What registering code answers.")
class RegisterCodePayload:
    """Registered code."""

    code: Code | None = strawberry.field(description="The code; null where it was refused.")
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)


@strawberry.type(description="What became of one of several artifacts to register.")
class RegisterArtifactResult:
    """One of several registered artifacts."""

    record: strawberry.Private[records.Artifact | None]
    failure: strawberry.Private[StoreUnavailableError | None]
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)

    @described(
        "The artifact; null where it was refused, and where the store failed before it was "
        "sure to take effect: then an error says so for this one alone."
    )
    def artifact(self) -> Artifact | None:
        """The artifact, or the error that stands for it."""
        if self.failure is not None:
            raise self.failure
        return None if self.record is None else artifact_of(self.record)


@strawberry.type(description="What registering several artifacts answers.")
class RegisterArtifactsPayload:
    """Several registered artifacts."""

    results: list[RegisterArtifactResult] = strawberry.field(
        description="What became of each input, in the inputs' order."
    )


@strawberry.type(description="What updating a model answers.")
class UpdateModelPayload:
    """A changed model."""

    model: Model | None = strawberry.field(
        description="The model as it is now; null where the change was refused."
    )
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)


@strawberry.type(description="What updating a dataset answers.")
class UpdateDatasetPayload:
    """A changed dataset."""

    dataset: Dataset | None = strawberry.field(
        description="The dataset as it is now; null where the change was refused."
    )
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)


@strawberry.type(description="What updating code answers.")
class UpdateCodePayload:
    """Changed code."""

    code: Code | None = strawberry.field(
        description="The code as it is now; null where the change was refused."
    )
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)


@strawberry.type(description="What rating a model answers.")
class RateModelPayload:
    """A rated model."""

    model: Model | None = strawberry.field(
        description="The model with its new rating; null where it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)


@strawberry.type(description="What deleting an artifact answers.")
class DeleteArtifactPayload:
    """A deleted artifact."""

    deleted_id: strawberry.ID | None = strawberry.field(
        description="The id of what is gone; null where nothing was deleted."
    )
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)


@strawberry.type(description="What a reset answers.")
class ResetPayload:
    """An emptied registry."""

    deleted_count: int = strawberry.field(description="How many artifacts were deleted.")
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)
