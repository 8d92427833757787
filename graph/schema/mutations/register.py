"""The mutations that register artifacts."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry

from graph.auth.roles import Role
from graph.context import Info
from graph.schema.mutations.mutation_fields import REGISTER_INPUT, OnConflictArgument, mutation
from graph.schema.resolvers.predictions import predict_many
from graph.schema.resolvers.writes import WriteResult, register, register_many
from graph.schema.types.code import Code
from graph.schema.types.dataset import Dataset
from graph.schema.types.enums import ArtifactType, OnConflict
from graph.schema.types.inputs import (
    RegisterArtifactInput,
    RegisterCodeInput,
    RegisterDatasetInput,
    RegisterModelInput,
)
from graph.schema.types.model import Model
from graph.schema.types.payloads import (
    RegisterArtifactResult,
    RegisterArtifactsPayload,
    RegisterCodePayload,
    RegisterDatasetPayload,
    RegisterModelPayload,
    UserError,
)
from storage.artifacts.writes import WriteError, WriteErrorCode

_MAX_INPUTS = 100

InputsArgument = Annotated[
    list[RegisterArtifactInput],
    strawberry.argument(description=f"The artifacts to register, at most {_MAX_INPUTS}."),
]
ValidateOnlyArgument = Annotated[
    bool,
    strawberry.argument(
        description="Whether to only check the inputs and tell what would be done: nothing is "
        "written then. `false` by default."
    ),
]


@strawberry.type
class RegisterMutations:
    """The mutations that register artifacts."""

    @mutation(Role.WRITE, "Register a model.")
    async def register_model(
        self,
        info: Info,
        input_: Annotated[RegisterModelInput, REGISTER_INPUT],
        on_conflict: OnConflictArgument = OnConflict.REJECT,
    ) -> RegisterModelPayload:
        """Register a model."""
        result = await register(info.context, ArtifactType.MODEL, input_.fields, on_conflict)
        return RegisterModelPayload(
            model=Model.from_optional_record(result.artifact),
            outcome=result.outcome,
            user_errors=result.user_errors(),
        )

    @mutation(Role.WRITE, "Register a dataset.")
    async def register_dataset(
        self,
        info: Info,
        input_: Annotated[RegisterDatasetInput, REGISTER_INPUT],
        on_conflict: OnConflictArgument = OnConflict.REJECT,
    ) -> RegisterDatasetPayload:
        """Register a dataset."""
        result = await register(info.context, ArtifactType.DATASET, input_.fields, on_conflict)
        return RegisterDatasetPayload(
            dataset=Dataset.from_optional_record(result.artifact),
            outcome=result.outcome,
            user_errors=result.user_errors(),
        )

    @mutation(Role.WRITE, "Register code.")
    async def register_code(
        self,
        info: Info,
        input_: Annotated[RegisterCodeInput, REGISTER_INPUT],
        on_conflict: OnConflictArgument = OnConflict.REJECT,
    ) -> RegisterCodePayload:
        """Register code."""
        result = await register(info.context, ArtifactType.CODE, input_.fields, on_conflict)
        return RegisterCodePayload(
            code=Code.from_optional_record(result.artifact),
            outcome=result.outcome,
            user_errors=result.user_errors(),
        )

    @mutation(
        Role.WRITE,
        "Register several artifacts independently of each other: an error in one does not "
        "prevent the registration of the others. Of two inputs with the same type and URL, the "
        "first is registered first.",
    )
    async def register_artifacts(
        self,
        info: Info,
        inputs: InputsArgument,
        on_conflict: OnConflictArgument = OnConflict.REJECT,
        validate_only: ValidateOnlyArgument = False,
    ) -> RegisterArtifactsPayload:
        """Register several artifacts in one call of the store."""
        if len(inputs) > _MAX_INPUTS:
            error = UserError.from_write_error(_too_many_error(len(inputs)))
            return RegisterArtifactsPayload(results=[], user_errors=[error])
        members = [_member(input_) for input_ in inputs]
        write = predict_many if validate_only else register_many
        results = await write(info.context, members, on_conflict)
        return RegisterArtifactsPayload(
            results=[
                _to_payload(result.move_errors("inputs", str(index), artifact_type.value))
                for index, ((artifact_type, _), result) in enumerate(
                    zip(members, results, strict=True)
                )
            ],
            user_errors=[],
        )


def _too_many_error(count: int) -> WriteError:
    return WriteError(
        code=WriteErrorCode.TOO_MANY,
        message=f"must have at most {_MAX_INPUTS} items, not {count}",
        field=("inputs",),
    )


def _member(input_: RegisterArtifactInput) -> tuple[ArtifactType, Mapping[str, Any]]:
    """Return the type and the fields of the one member that an input has."""
    ((name, fields),) = input_.fields.items()
    return ArtifactType(name), fields


def _to_payload(result: WriteResult) -> RegisterArtifactResult:
    return RegisterArtifactResult(
        record=result.artifact,
        failure=result.failure,
        outcome=result.outcome,
        user_errors=result.user_errors(),
    )
