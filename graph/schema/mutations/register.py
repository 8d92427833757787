"""The mutations that register artifacts."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry

from graph.auth.roles import Role
from graph.context import Info
from graph.errors import bad_input
from graph.schema.mutations.arguments import NEW, Conflict
from graph.schema.mutations.declared import mutation
from graph.schema.resolvers.writes import Outcome, register, register_all
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

Several = Annotated[
    list[RegisterArtifactInput],
    strawberry.argument(description="What to register, at most 100."),
]


@strawberry.type
class Registrations:
    """What registers artifacts."""

    @mutation(Role.WRITE, "Register a model.")
    async def register_model(
        self,
        info: Info,
        given: Annotated[RegisterModelInput, NEW],
        on_conflict: Conflict = OnConflict.REJECT,
    ) -> RegisterModelPayload:
        """Register a model."""
        done = await register(info.context, ArtifactType.MODEL, given.fields, on_conflict)
        model = Model.found(done.artifact)
        return RegisterModelPayload(model=model, user_errors=done.user_errors())

    @mutation(Role.WRITE, "Register a dataset.")
    async def register_dataset(
        self,
        info: Info,
        given: Annotated[RegisterDatasetInput, NEW],
        on_conflict: Conflict = OnConflict.REJECT,
    ) -> RegisterDatasetPayload:
        """Register a dataset."""
        done = await register(info.context, ArtifactType.DATASET, given.fields, on_conflict)
        dataset = Dataset.found(done.artifact)
        return RegisterDatasetPayload(dataset=dataset, user_errors=done.user_errors())

    @mutation(Role.WRITE, "Register code.")
    async def register_code(
        self,
        info: Info,
        given: Annotated[RegisterCodeInput, NEW],
        on_conflict: Conflict = OnConflict.REJECT,
    ) -> RegisterCodePayload:
        """Register code."""
        done = await register(info.context, ArtifactType.CODE, given.fields, on_conflict)
        code = Code.found(done.artifact)
        return RegisterCodePayload(code=code, user_errors=done.user_errors())

    @mutation(
        Role.WRITE,
        "Register several artifacts, each on its own: what is wrong with one does "
        "not stop the others.",
    )
    async def register_artifacts(
        self, info: Info, inputs: Several, on_conflict: Conflict = OnConflict.REJECT
    ) -> RegisterArtifactsPayload:
        """Register several artifacts."""
        if len(inputs) > _MAX_INPUTS:
            raise bad_input(f"inputs: must be at most {_MAX_INPUTS}, not {len(inputs)}.")
        members = [_member(given) for given in inputs]
        done = await register_all(info.context, members, on_conflict)
        return RegisterArtifactsPayload(results=list(map(_result, members, done)))


def _member(given: RegisterArtifactInput) -> tuple[ArtifactType, Mapping[str, Any]]:
    """The one member that was given, and its type."""
    ((name, fields),) = given.fields.items()
    return ArtifactType(name), fields


def _result(
    member: tuple[ArtifactType, Mapping[str, Any]], done: Outcome
) -> RegisterArtifactResult:
    of, _ = member
    return RegisterArtifactResult(
        record=done.artifact, failure=done.failure, user_errors=done.user_errors(of.value)
    )
