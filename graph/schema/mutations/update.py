"""The mutations that change artifacts."""

from typing import Annotated

import strawberry

from graph.auth.roles import Role
from graph.context import Info
from graph.schema.mutations.arguments import CHANGED, ExpectedVersion, Id
from graph.schema.mutations.declared import mutation
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

Rating = Annotated[
    ModelRatingInput, strawberry.argument(description="The scores, all of them.")
]


@strawberry.type
class Updates:
    """What changes artifacts."""

    @mutation(Role.WRITE, "Change a model.")
    async def update_model(
        self,
        info: Info,
        id_: Id,
        given: Annotated[UpdateModelInput, CHANGED],
        expected_version: ExpectedVersion = strawberry.UNSET,
    ) -> UpdateModelPayload:
        """Change a model."""
        done = await update(
            info.context, id_, ArtifactType.MODEL, given.fields, expected_version
        )
        model = Model.found(done.artifact)
        return UpdateModelPayload(model=model, user_errors=done.user_errors())

    @mutation(Role.WRITE, "Change a dataset.")
    async def update_dataset(
        self,
        info: Info,
        id_: Id,
        given: Annotated[UpdateDatasetInput, CHANGED],
        expected_version: ExpectedVersion = strawberry.UNSET,
    ) -> UpdateDatasetPayload:
        """Change a dataset."""
        done = await update(
            info.context, id_, ArtifactType.DATASET, given.fields, expected_version
        )
        dataset = Dataset.found(done.artifact)
        return UpdateDatasetPayload(dataset=dataset, user_errors=done.user_errors())

    @mutation(Role.WRITE, "Change code.")
    async def update_code(
        self,
        info: Info,
        id_: Id,
        given: Annotated[UpdateCodeInput, CHANGED],
        expected_version: ExpectedVersion = strawberry.UNSET,
    ) -> UpdateCodePayload:
        """Change code."""
        done = await update(
            info.context, id_, ArtifactType.CODE, given.fields, expected_version
        )
        code = Code.found(done.artifact)
        return UpdateCodePayload(code=code, user_errors=done.user_errors())

    @mutation(
        Role.WRITE, "Save a model's rating, in place of any it has; nothing else changes."
    )
    async def rate_model(
        self,
        info: Info,
        id_: Id,
        rating: Rating,
        expected_version: ExpectedVersion = strawberry.UNSET,
    ) -> RateModelPayload:
        """Save a rating."""
        given = {"rating": rating.fields}
        done = await update(info.context, id_, ArtifactType.MODEL, given, expected_version)
        model = Model.found(done.artifact)
        return RateModelPayload(model=model, user_errors=done.user_errors())
