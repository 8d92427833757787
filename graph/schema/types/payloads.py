"""The payloads of the mutations, and the errors in them."""

from typing import Self

import strawberry

from graph.schema.types.artifact import Artifact, artifact_from_optional_record
from graph.schema.types.code import Code
from graph.schema.types.dataset import Dataset
from graph.schema.types.enums import WriteErrorCode, WriteOutcome
from graph.schema.types.model import Model
from graph.schema.types.strawberry_fields import field
from storage.artifacts import records
from storage.artifacts.writes import WriteError
from storage.errors import StoreUnavailableError


@strawberry.type(description="A reason why a mutation was rejected.")
class UserError:
    """An error that the caller can correct."""

    code: WriteErrorCode = strawberry.field(
        description="The kind of the error. More kinds will be added over time."
    )
    message: str = strawberry.field(
        description="A description of the error for people, which does not repeat `field`. "
        "Programs should use `code`."
    )
    field: list[str] | None = strawberry.field(
        description="The path of the invalid value from the argument of the mutation on, such "
        'as `["input", "tags", "0"]`, `["inputs", "2", "model", "url"]` or `["id"]`. Null if '
        "the error does not concern a single argument."
    )
    artifact: Artifact | None = strawberry.field(
        description="The existing artifact with the same URL for `ALREADY_EXISTS`, and the "
        "current state of the artifact for `VERSION_CONFLICT`. Null for other codes."
    )

    @classmethod
    def from_write_error(cls, error: WriteError) -> Self:
        """Return the object of an error."""
        return cls(
            code=error.code,
            message=error.message,
            field=list(error.field) or None,
            artifact=artifact_from_optional_record(error.artifact),
        )


@strawberry.type
class Payload:
    """The fields of all payloads."""

    user_errors: list[UserError] = strawberry.field(
        description="The reasons why nothing was changed. Empty if the mutation succeeded."
    )


@strawberry.type
class WritePayload(Payload):
    """The fields of the payloads of mutations that write one artifact."""

    outcome: WriteOutcome | None = strawberry.field(
        description="What the mutation did, or null if it was rejected."
    )


@strawberry.type
class ModelPayload(WritePayload):
    """The result of a mutation that writes a model."""

    model: Model | None = strawberry.field(
        description="The model as it is now, or null if the mutation was rejected."
    )


@strawberry.type
class DatasetPayload(WritePayload):
    """The result of a mutation that writes a dataset."""

    dataset: Dataset | None = strawberry.field(
        description="The dataset as it is now, or null if the mutation was rejected."
    )


@strawberry.type
class CodePayload(WritePayload):
    """The result of a mutation that writes code."""

    code: Code | None = strawberry.field(
        description="The code as it is now, or null if the mutation was rejected."
    )


@strawberry.type(description="Return type of `registerModel`.")
class RegisterModelPayload(ModelPayload):
    """The result of registering a model."""


@strawberry.type(description="Return type of `registerDataset`.")
class RegisterDatasetPayload(DatasetPayload):
    """The result of registering a dataset."""


@strawberry.type(description="Return type of `registerCode`.")
class RegisterCodePayload(CodePayload):
    """The result of registering code."""


@strawberry.type(description="The result of one of the inputs of `registerArtifacts`.")
class RegisterArtifactResult(Payload):
    """The result of registering one of several artifacts."""

    record: strawberry.Private[records.Artifact | None]
    failure: strawberry.Private[StoreUnavailableError | None]
    outcome: WriteOutcome | None = strawberry.field(
        description="What the mutation did, or with `validateOnly` would do. Null if the input "
        "was rejected or the store failed."
    )

    @field(
        "The artifact as it is now, or null if the input was rejected. With `validateOnly`, it "
        "is the artifact that would be updated, or null if one would be created. It is also "
        "null if the store failed before it confirmed the registration; then `errors` of the "
        "response contains a `STORE_UNAVAILABLE` error for this field."
    )
    def artifact(self) -> Artifact | None:
        """Return the artifact, or raise the failure of the store."""
        if self.failure is not None:
            raise self.failure
        return artifact_from_optional_record(self.record)


@strawberry.type(description="Return type of `registerArtifacts`.")
class RegisterArtifactsPayload:
    """The results of registering several artifacts."""

    results: list[RegisterArtifactResult] = strawberry.field(
        description="One result for each input, in the order of the inputs. Empty if the whole "
        "mutation was rejected."
    )
    user_errors: list[UserError] = strawberry.field(
        description="The reasons why the whole mutation was rejected. The errors of a single "
        "input are in its result."
    )


@strawberry.type(description="Return type of `updateModel`.")
class UpdateModelPayload(ModelPayload):
    """The result of updating a model."""


@strawberry.type(description="Return type of `updateDataset`.")
class UpdateDatasetPayload(DatasetPayload):
    """The result of updating a dataset."""


@strawberry.type(description="Return type of `updateCode`.")
class UpdateCodePayload(CodePayload):
    """The result of updating code."""


@strawberry.type(description="Return type of `rateModel`.")
class RateModelPayload(ModelPayload):
    """The result of rating a model."""


@strawberry.type(description="Return type of `deleteArtifact`.")
class DeleteArtifactPayload(Payload):
    """The result of deleting an artifact."""

    deleted_id: strawberry.ID | None = strawberry.field(
        description="The ID of the deleted artifact, or null if nothing was deleted."
    )
    successor: Artifact | None = strawberry.field(
        description="The artifact with the same name to which references by this name resolve "
        "from now on. Null if there is none, and if the deleted artifact did not own the name."
    )


@strawberry.type(description="Return type of `restoreArtifact`.")
class RestoreArtifactPayload(Payload):
    """The result of restoring an artifact."""

    artifact: Artifact | None = strawberry.field(
        description="The restored artifact, or null if nothing was restored."
    )


@strawberry.type(description="Return type of `reset`.")
class ResetPayload(Payload):
    """The result of a reset."""

    deleted_count: int = strawberry.field(description="The number of deleted artifacts.")
