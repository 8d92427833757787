"""The queries."""

from typing import Annotated

import strawberry

from graph.context import Info
from graph.errors import bad_input
from graph.loading.batch_loader import as_field_value
from graph.schema.change_queries import ChangeQueries
from graph.schema.lineage_queries import LineageQueries
from graph.schema.resolvers.listings import (
    MAX_SEARCH,
    MAX_WORDS,
    ListArguments,
    read_listing,
)
from graph.schema.resolvers.lookups import find_artifact, find_by_id, find_by_ids, validate_url
from graph.schema.types.artifact import Artifact, Node
from graph.schema.types.artifact_by import ArtifactBy
from graph.schema.types.code import Code
from graph.schema.types.connections import Connection
from graph.schema.types.dataset import Dataset
from graph.schema.types.enums import ArtifactType
from graph.schema.types.filters import (
    MAX_IDS,
    ArtifactFilter,
    CodeFilter,
    DatasetFilter,
    ModelFilter,
)
from graph.schema.types.model import Model
from graph.schema.types.orders import ArtifactOrder, ModelOrder
from graph.schema.types.pages import (
    AfterArgument,
    BeforeArgument,
    FirstOrLastArgument,
    LastArgument,
)
from graph.schema.types.scalars import Url
from graph.schema.types.strawberry_fields import field
from graph.schema.viewer_query import ViewerQuery
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
ArtifactFilterArgument = Annotated[
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
DatasetFilterArgument = Annotated[
    DatasetFilter | None,
    strawberry.argument(
        name="filter",
        description="The conditions that the datasets must meet. No conditions by default.",
    ),
]
CodeFilterArgument = Annotated[
    CodeFilter | None,
    strawberry.argument(
        name="filter",
        description="The conditions that the code must meet. No conditions by default.",
    ),
]
SearchArgument = Annotated[
    str | None,
    strawberry.argument(
        description="Words, each of which must occur in the name, the tags, the description or "
        "the URL, also as a part of a word. Case and diacritics are ignored. At most "
        f"{MAX_SEARCH} characters and {MAX_WORDS} words; a blank search is no search."
    ),
]
_ORDER = (
    "The sort order. By default `RELEVANCE` with a `search`, and otherwise `NAME`, ascending."
)
OrderArgument = Annotated[ArtifactOrder | None, strawberry.argument(description=_ORDER)]
ModelOrderArgument = Annotated[ModelOrder | None, strawberry.argument(description=_ORDER)]
TypeArgument = Annotated[
    ArtifactType, strawberry.argument(name="type", description="The type of the artifact.")
]
UrlArgument = Annotated[
    Url, strawberry.argument(description="The URL of the artifact, compared exactly.")
]


@strawberry.type(description="The root type of all queries.")
class Query(ChangeQueries, LineageQueries, ViewerQuery):
    """The root type of all queries."""

    @field("The artifact with this ID, or null if there is none.")
    def node(self, info: Info, id_: IdArgument) -> Node | None:
        """Return an object by its id, as Relay requires."""
        return as_field_value(find_by_id(info.context, id_))

    @field(
        "The artifacts with these IDs, in the order of the IDs, with null for each ID that no "
        "artifact has."
    )
    def nodes(self, info: Info, ids: IdsArgument) -> list[Node | None]:
        """Return several objects by their ids, as Relay requires."""
        if len(ids) > MAX_IDS:
            raise bad_input(f"`ids` must have at most {MAX_IDS} items, not {len(ids)}.")
        return as_field_value(find_by_ids(info.context, ids))

    @field("The artifact with this ID, or null if there is none.")
    def artifact(self, info: Info, id_: IdArgument) -> Artifact | None:
        """Return an artifact of any type."""
        return as_field_value(find_by_id(info.context, id_))

    @field(
        "The model with this ID, URL or name. Null if there is none, or if the ID is that of "
        "an artifact of another type."
    )
    def model(self, info: Info, by: ByArgument) -> Model | None:
        """Return a model."""
        return as_field_value(
            find_artifact(info.context, ArtifactType.MODEL, by, Model.from_record)
        )

    @field(
        "The dataset with this ID, URL or name. Null if there is none, or if the ID is that of "
        "an artifact of another type."
    )
    def dataset(self, info: Info, by: ByArgument) -> Dataset | None:
        """Return a dataset."""
        return as_field_value(
            find_artifact(info.context, ArtifactType.DATASET, by, Dataset.from_record)
        )

    @field(
        "The code with this ID, URL or name. Null if there is none, or if the ID is that of an "
        "artifact of another type."
    )
    def code(self, info: Info, by: ByArgument) -> Code | None:
        """Return code."""
        return as_field_value(
            find_artifact(info.context, ArtifactType.CODE, by, Code.from_record)
        )

    @field("A list of artifacts of all types.")
    async def artifacts(
        self,
        info: Info,
        *,
        filter_: ArtifactFilterArgument = strawberry.UNSET,
        search: SearchArgument = strawberry.UNSET,
        order_by: OrderArgument = strawberry.UNSET,
        first: FirstOrLastArgument = strawberry.UNSET,
        after: AfterArgument = strawberry.UNSET,
        last: LastArgument = strawberry.UNSET,
        before: BeforeArgument = strawberry.UNSET,
    ) -> Connection[Artifact] | None:
        """Return a page of artifacts."""
        arguments = ListArguments(filter_, search, order_by, first, after, last, before)
        return await read_listing(info.context, "artifacts", tuple(ArtifactType), arguments)

    @field("A list of models.")
    async def models(
        self,
        info: Info,
        *,
        filter_: ModelFilterArgument = strawberry.UNSET,
        search: SearchArgument = strawberry.UNSET,
        order_by: ModelOrderArgument = strawberry.UNSET,
        first: FirstOrLastArgument = strawberry.UNSET,
        after: AfterArgument = strawberry.UNSET,
        last: LastArgument = strawberry.UNSET,
        before: BeforeArgument = strawberry.UNSET,
    ) -> Connection[Model] | None:
        """Return a page of models."""
        arguments = ListArguments(filter_, search, order_by, first, after, last, before)
        return await read_listing(info.context, "models", (ArtifactType.MODEL,), arguments)

    @field("A list of datasets.")
    async def datasets(
        self,
        info: Info,
        *,
        filter_: DatasetFilterArgument = strawberry.UNSET,
        search: SearchArgument = strawberry.UNSET,
        order_by: OrderArgument = strawberry.UNSET,
        first: FirstOrLastArgument = strawberry.UNSET,
        after: AfterArgument = strawberry.UNSET,
        last: LastArgument = strawberry.UNSET,
        before: BeforeArgument = strawberry.UNSET,
    ) -> Connection[Dataset] | None:
        """Return a page of datasets."""
        arguments = ListArguments(filter_, search, order_by, first, after, last, before)
        return await read_listing(info.context, "datasets", (ArtifactType.DATASET,), arguments)

    @field("A list of code artifacts.")
    async def codes(
        self,
        info: Info,
        *,
        filter_: CodeFilterArgument = strawberry.UNSET,
        search: SearchArgument = strawberry.UNSET,
        order_by: OrderArgument = strawberry.UNSET,
        first: FirstOrLastArgument = strawberry.UNSET,
        after: AfterArgument = strawberry.UNSET,
        last: LastArgument = strawberry.UNSET,
        before: BeforeArgument = strawberry.UNSET,
    ) -> Connection[Code] | None:
        """Return a page of code."""
        arguments = ListArguments(filter_, search, order_by, first, after, last, before)
        return await read_listing(info.context, "codes", (ArtifactType.CODE,), arguments)

    @field("Whether an artifact of this type has exactly this URL.")
    def artifact_exists(
        self, info: Info, artifact_type: TypeArgument, url: UrlArgument
    ) -> bool | None:
        """Return whether an artifact of a type has a URL."""
        target = Target(artifact_type, LookupField.URL, validate_url(url))
        found = info.context.loaders.artifact_by_target.load_many([target])
        return as_field_value(found.map(lambda loaded: loaded != [None]))
