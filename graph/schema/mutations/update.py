"""The mutations that update artifacts."""

from typing import Annotated

import strawberry

from graph.auth.roles import Role
from graph.context import Info
from graph.schema.mutations.mutation_fields import (
    UPDATE_INPUT,
    ExpectedVersionArgument,
    IdArgument,
    mutation,
)
from graph.schema.resolvers.writes import update
from graph.schema.types.code import Code
from graph.schema.types.dataset import Dataset
from graph.schema.types.enums import ArtifactType
from graph.schema.types.inputs import UpdateCodeInput, UpdateDatasetInput, UpdateModelInput
from graph.schema.types.model import Model
from graph.schema.types.payloads import (
    RateModelPayload,
    UpdateCodePayload,
    UpdateDatasetPayload,
    UpdateModelPayload,
)
from graph.schema.types.rating import ModelRatingInput

RatingArgument = Annotated[
    ModelRatingInput,
    strawberry.argument(
        description="The new rating, with all its scores: it replaces the old one."
    ),
]


@strawberry.type
class UpdateMutations:
    """The mutations that update artifacts."""

    @mutation(Role.WRITE, "Update a model.")
    async def update_model(
        self,
        info: Info,
        id_: IdArgument,
        input_: Annotated[UpdateModelInput, UPDATE_INPUT],
        expected_version: ExpectedVersionArgument = strawberry.UNSET,
    ) -> UpdateModelPayload:
        """Update a model."""
        result = await update(
            info.context, id_, ArtifactType.MODEL, input_.fields, expected_version
        )
        return UpdateModelPayload(
            model=Model.from_optional_record(result.artifact),
            outcome=result.outcome,
            user_errors=result.user_errors(),
        )

    @mutation(Role.WRITE, "Update a dataset.")
    async def update_dataset(
        self,
        info: Info,
        id_: IdArgument,
        input_: Annotated[UpdateDatasetInput, UPDATE_INPUT],
        expected_version: ExpectedVersionArgument = strawberry.UNSET,
    ) -> UpdateDatasetPayload:
        """Update a dataset."""
        result = await update(
            info.context, id_, ArtifactType.DATASET, input_.fields, expected_version
        )
        return UpdateDatasetPayload(
            dataset=Dataset.from_optional_record(result.artifact),
            outcome=result.outcome,
            user_errors=result.user_errors(),
        )

    @mutation(Role.WRITE, "Update code.")
    async def update_code(
        self,
        info: Info,
        id_: IdArgument,
        input_: Annotated[UpdateCodeInput, UPDATE_INPUT],
        expected_version: ExpectedVersionArgument = strawberry.UNSET,
    ) -> UpdateCodePayload:
        """Update code."""
        result = await update(
            info.context, id_, ArtifactType.CODE, input_.fields, expected_version
        )
        return UpdateCodePayload(
            code=Code.from_optional_record(result.artifact),
            outcome=result.outcome,
            user_errors=result.user_errors(),
        )

    @mutation(
        Role.WRITE,
        "Save the rating of a model. It replaces any earlier rating; the other fields of the "
        "model keep their values.",
    )
    async def rate_model(
        self,
        info: Info,
        id_: IdArgument,
        rating: RatingArgument,
        expected_version: ExpectedVersionArgument = strawberry.UNSET,
    ) -> RateModelPayload:
        """Update the rating of a model."""
        fields = {"rating": rating.fields}
        result = await update(info.context, id_, ArtifactType.MODEL, fields, expected_version)
        return RateModelPayload(
            model=Model.from_optional_record(result.artifact),
            outcome=result.outcome,
            user_errors=result.move_errors("rating", depth=2).user_errors(),
        )
