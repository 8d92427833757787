"""The payloads of the mutations, and the errors in them."""

from collections.abc import Sequence
from typing import Self

import strawberry

from graph.schema.types.artifact import Artifact, artifact_from_record
from graph.schema.types.code import Code
from graph.schema.types.dataset import Dataset
from graph.schema.types.enums import WriteErrorCode
from graph.schema.types.model import Model
from graph.schema.types.strawberry_fields import field
from storage.artifacts import records
from storage.artifacts.records import WriteError
from storage.errors import StoreUnavailableError

_USER_ERRORS = "The reasons why nothing was changed. Empty if the mutation succeeded."


@strawberry.type(description="A reason why a mutation was rejected.")
class UserError:
    """An error that the caller can correct."""

    code: WriteErrorCode = strawberry.field(description="The kind of the error.")
    message: str = strawberry.field(
        description="A description of the error for people. Programs should use `code`."
    )
    field: list[str] | None = strawberry.field(
        description='The path of the invalid argument or input field, such as `["datasets", '
        '"3", "name"]`. Null if the error does not concern a single field.'
    )
    artifact: Artifact | None = strawberry.field(
        description="The existing artifact with the same URL for `ALREADY_EXISTS`, and the "
        "current state of the artifact for `VERSION_CONFLICT`. Null for other codes."
    )

    @classmethod
    def from_write_error(cls, error: WriteError, prefix: Sequence[str] = ()) -> Self:
        """Return the object of an error, its path prefixed with `prefix`."""
        path = [*prefix, *error.field] if error.field else []
        record = error.artifact
        return cls(
            code=error.code,
            message=error.message,
            field=path or None,
            artifact=None if record is None else artifact_from_record(record),
        )


@strawberry.type(description="Return type of `registerModel`.")
class RegisterModelPayload:
    """The result of registering a model."""

    model: Model | None = strawberry.field(
        description="The registered model, or null if it was rejected."
    )
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)


@strawberry.type(description="Return type of `registerDataset`.")
class RegisterDatasetPayload:
    """The result of registering a dataset."""

    dataset: Dataset | None = strawberry.field(
        description="The registered dataset, or null if it was rejected."
    )
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)


@strawberry.type(description="Return type of `registerCode`.")
class RegisterCodePayload:
    """The result of registering code."""

    code: Code | None = strawberry.field(
        description="The registered code, or null if it was rejected."
    )
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)


@strawberry.type(description="The result of one of the inputs of `registerArtifacts`.")
class RegisterArtifactResult:
    """The result of registering one of several artifacts."""

    record: strawberry.Private[records.Artifact | None]
    failure: strawberry.Private[StoreUnavailableError | None]
    user_errors: list[UserError] = strawberry.field(
        description="The reasons why this artifact was not registered. Empty if it was."
    )

    @field(
        "The registered artifact, or null if it was rejected. It is also null if the store "
        "failed before it confirmed the registration; then `errors` of the response contains a "
        "`STORE_UNAVAILABLE` error for this field."
    )
    def artifact(self) -> Artifact | None:
        """Return the artifact, or raise the failure of the store."""
        if self.failure is not None:
            raise self.failure
        return None if self.record is None else artifact_from_record(self.record)


@strawberry.type(description="Return type of `registerArtifacts`.")
class RegisterArtifactsPayload:
    """The results of registering several artifacts."""

    results: list[RegisterArtifactResult] = strawberry.field(
        description="One result for each input, in the order of the inputs."
    )


@strawberry.type(description="Return type of `updateModel`.")
class UpdateModelPayload:
    """The result of updating a model."""

    model: Model | None = strawberry.field(
        description="The updated model, or null if the update was rejected."
    )
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)


@strawberry.type(description="Return type of `updateDataset`.")
class UpdateDatasetPayload:
    """The result of updating a dataset."""

    dataset: Dataset | None = strawberry.field(
        description="The updated dataset, or null if the update was rejected."
    )
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)


@strawberry.type(description="Return type of `updateCode`.")
class UpdateCodePayload:
    """The result of updating code."""

    code: Code | None = strawberry.field(
        description="The updated code, or null if the update was rejected."
    )
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)


@strawberry.type(description="Return type of `rateModel`.")
class RateModelPayload:
    """The result of rating a model."""

    model: Model | None = strawberry.field(
        description="The model with its new rating, or null if the rating was rejected."
    )
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)


@strawberry.type(description="Return type of `deleteArtifact`.")
class DeleteArtifactPayload:
    """The result of deleting an artifact."""

    deleted_id: strawberry.ID | None = strawberry.field(
        description="The ID of the deleted artifact, or null if nothing was deleted."
    )
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)


@strawberry.type(description="Return type of `reset`.")
class ResetPayload:
    """The result of a reset."""

    deleted_count: int = strawberry.field(description="The number of deleted artifacts.")
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)
