"""The mutations that register artifacts."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry

from graph.auth.roles import Role
from graph.context import Info
from graph.errors import bad_input
from graph.schema.mutations.mutation_fields import REGISTER_INPUT, OnConflictArgument, mutation
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
)

_MAX_INPUTS = 100

InputsArgument = Annotated[
    list[RegisterArtifactInput],
    strawberry.argument(description=f"The artifacts to register, at most {_MAX_INPUTS}."),
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
        model = Model.from_optional_record(result.artifact)
        return RegisterModelPayload(model=model, user_errors=result.user_errors())

    @mutation(Role.WRITE, "Register a dataset.")
    async def register_dataset(
        self,
        info: Info,
        input_: Annotated[RegisterDatasetInput, REGISTER_INPUT],
        on_conflict: OnConflictArgument = OnConflict.REJECT,
    ) -> RegisterDatasetPayload:
        """Register a dataset."""
        result = await register(info.context, ArtifactType.DATASET, input_.fields, on_conflict)
        dataset = Dataset.from_optional_record(result.artifact)
        return RegisterDatasetPayload(dataset=dataset, user_errors=result.user_errors())

    @mutation(Role.WRITE, "Register code.")
    async def register_code(
        self,
        info: Info,
        input_: Annotated[RegisterCodeInput, REGISTER_INPUT],
        on_conflict: OnConflictArgument = OnConflict.REJECT,
    ) -> RegisterCodePayload:
        """Register code."""
        result = await register(info.context, ArtifactType.CODE, input_.fields, on_conflict)
        code = Code.from_optional_record(result.artifact)
        return RegisterCodePayload(code=code, user_errors=result.user_errors())

    @mutation(
        Role.WRITE,
        "Register several artifacts independently of each other: an error in one does not "
        "prevent the registration of the others.",
    )
    async def register_artifacts(
        self,
        info: Info,
        inputs: InputsArgument,
        on_conflict: OnConflictArgument = OnConflict.REJECT,
    ) -> RegisterArtifactsPayload:
        """Register several artifacts in one call of the store."""
        if len(inputs) > _MAX_INPUTS:
            raise bad_input(
                f"`inputs` must have at most {_MAX_INPUTS} items, not {len(inputs)}."
            )
        members = [_member(input_) for input_ in inputs]
        results = await register_many(info.context, members, on_conflict)
        return RegisterArtifactsPayload(results=list(map(_to_payload, members, results)))


def _member(input_: RegisterArtifactInput) -> tuple[ArtifactType, Mapping[str, Any]]:
    """Return the type and the fields of the one member that an input has."""
    ((name, fields),) = input_.fields.items()
    return ArtifactType(name), fields


def _to_payload(
    member: tuple[ArtifactType, Mapping[str, Any]], result: WriteResult
) -> RegisterArtifactResult:
    artifact_type, _ = member
    return RegisterArtifactResult(
        record=result.artifact,
        failure=result.failure,
        user_errors=result.user_errors(artifact_type.value),
    )
