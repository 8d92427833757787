"""The queries."""

from typing import Annotated

import strawberry

from graph.context import Info
from graph.errors import bad_input
from graph.schema.change_queries import ChangeQueries
from graph.schema.resolvers.listings import read_listing
from graph.schema.resolvers.lookups import find_artifact, find_by_id, find_by_ids, validate_url
from graph.schema.types.artifact import Artifact, Node
from graph.schema.types.code import Code
from graph.schema.types.dataset import Dataset
from graph.schema.types.enums import ArtifactType
from graph.schema.types.filters import (
    MAX_IDS,
    ArtifactBy,
    ArtifactFilter,
    ArtifactOrder,
    ModelFilter,
)
from graph.schema.types.model import Model
from graph.schema.types.pages import AfterArgument, FirstArgument
from graph.schema.types.pagination import Connection
from graph.schema.types.scalars import Url
from graph.schema.types.strawberry_fields import field
from storage.artifacts.records import LookupField, Target

IdArgument = Annotated[
    strawberry.ID, strawberry.argument(name="id", description="The ID of the artifact.")
]
IdsArgument = Annotated[
    list[strawberry.ID],
    strawberry.argument(description=f"The IDs of the artifacts, at most {MAX_IDS}."),
]
ByArgument = Annotated[
    ArtifactBy,
    strawberry.argument(name="by", description="The ID, URL or name of the artifact."),
]
FilterArgument = Annotated[
    ArtifactFilter | None,
    strawberry.argument(
        name="filter",
        description="The conditions that the artifacts must meet. No conditions by default.",
    ),
]
ModelFilterArgument = Annotated[
    ModelFilter | None,
    strawberry.argument(
        name="filter",
        description="The conditions that the models must meet. No conditions by default.",
    ),
]
OrderByArgument = Annotated[
    ArtifactOrder | None,
    strawberry.argument(description="The sort order. By name, ascending, by default."),
]
TypeArgument = Annotated[
    ArtifactType, strawberry.argument(name="type", description="The type of the artifact.")
]
UrlArgument = Annotated[
    Url, strawberry.argument(description="The URL of the artifact, compared exactly.")
]


@strawberry.type(description="The root type of all queries.")
class Query(ChangeQueries):
    """The root type of all queries."""

    @field("The artifact with this ID, or null if there is none.")
    async def node(self, info: Info, id_: IdArgument) -> Node | None:
        """Return an object by its id, as Relay requires."""
        return await find_by_id(info.context, id_)

    @field(
        "The artifacts with these IDs, in the order of the IDs, with null for each ID that no "
        "artifact has."
    )
    async def nodes(self, info: Info, ids: IdsArgument) -> list[Node | None]:
        """Return several objects by their ids, as Relay requires."""
        if len(ids) > MAX_IDS:
            raise bad_input(f"`ids` must have at most {MAX_IDS} items, not {len(ids)}.")
        return await find_by_ids(info.context, ids)

    @field("The artifact with this ID, or null if there is none.")
    async def artifact(self, info: Info, id_: IdArgument) -> Artifact | None:
        """Return an artifact of any type."""
        return await find_by_id(info.context, id_)

    @field(
        "The model with this ID, URL or name. Null if there is none, or if the ID is that of "
        "an artifact of another type."
    )
    async def model(self, info: Info, by: ByArgument) -> Model | None:
        """Return a model."""
        record = await find_artifact(info.context, ArtifactType.MODEL, by)
        return Model.from_optional_record(record)

    @field(
        "The dataset with this ID, URL or name. Null if there is none, or if the ID is that of "
        "an artifact of another type."
    )
    async def dataset(self, info: Info, by: ByArgument) -> Dataset | None:
        """Return a dataset."""
        record = await find_artifact(info.context, ArtifactType.DATASET, by)
        return Dataset.from_optional_record(record)

    @field(
        "The code with this ID, URL or name. Null if there is none, or if the ID is that of an "
        "artifact of another type."
    )
    async def code(self, info: Info, by: ByArgument) -> Code | None:
        """Return code."""
        record = await find_artifact(info.context, ArtifactType.CODE, by)
        return Code.from_optional_record(record)

    @field("A list of artifacts of all types.")
    async def artifacts(
        self,
        info: Info,
        filter_: FilterArgument = strawberry.UNSET,
        order_by: OrderByArgument = strawberry.UNSET,
        first: FirstArgument = 20,
        after: AfterArgument = strawberry.UNSET,
    ) -> Connection[Artifact] | None:
        """Return a page of artifacts."""
        types = tuple(ArtifactType)
        return await read_listing(
            info.context, types, filter_, order_by=order_by, first=first, after=after
        )

    @field("A list of models.")
    async def models(
        self,
        info: Info,
        filter_: ModelFilterArgument = strawberry.UNSET,
        order_by: OrderByArgument = strawberry.UNSET,
        first: FirstArgument = 20,
        after: AfterArgument = strawberry.UNSET,
    ) -> Connection[Model] | None:
        """Return a page of models."""
        types = (ArtifactType.MODEL,)
        return await read_listing(
            info.context, types, filter_, order_by=order_by, first=first, after=after
        )

    @field("A list of datasets.")
    async def datasets(
        self,
        info: Info,
        filter_: FilterArgument = strawberry.UNSET,
        order_by: OrderByArgument = strawberry.UNSET,
        first: FirstArgument = 20,
        after: AfterArgument = strawberry.UNSET,
    ) -> Connection[Dataset] | None:
        """Return a page of datasets."""
        types = (ArtifactType.DATASET,)
        return await read_listing(
            info.context, types, filter_, order_by=order_by, first=first, after=after
        )

    @field("A list of code artifacts.")
    async def codes(
        self,
        info: Info,
        filter_: FilterArgument = strawberry.UNSET,
        order_by: OrderByArgument = strawberry.UNSET,
        first: FirstArgument = 20,
        after: AfterArgument = strawberry.UNSET,
    ) -> Connection[Code] | None:
        """Return a page of code."""
        types = (ArtifactType.CODE,)
        return await read_listing(
            info.context, types, filter_, order_by=order_by, first=first, after=after
        )

    @field("Whether an artifact of this type has exactly this URL.")
    async def artifact_exists(
        self, info: Info, artifact_type: TypeArgument, url: UrlArgument
    ) -> bool | None:
        """Return whether an artifact of a type has a URL."""
        target = Target(artifact_type, LookupField.URL, validate_url(url))
        (found,) = await info.context.loaders.artifact_by_target.load_many([target])
        return found is not None
