"""The queries."""

from typing import Annotated

import strawberry

from graph.context import Info
from graph.errors import bad_input
from graph.schema.resolvers.listings import listed
from graph.schema.resolvers.lookups import by_ids, found, wanted_url
from graph.schema.types.artifact import Artifact, Node
from graph.schema.types.code import Code
from graph.schema.types.dataset import Dataset
from graph.schema.types.enums import ArtifactType
from graph.schema.types.filters import ArtifactBy, ArtifactFilter, ArtifactOrder, ModelFilter
from graph.schema.types.model import Model
from graph.schema.types.pagination import After, Connection, First
from graph.schema.types.scalars import Url
from graph.schema.types.strawberry_fields import described
from storage.artifacts.records import LookupField, Target

_MAX_IDS = 100
_EVERY_TYPE = tuple(ArtifactType)

Id = Annotated[strawberry.ID, strawberry.argument(name="id", description="The artifact's id.")]
Ids = Annotated[
    list[strawberry.ID], strawberry.argument(description="The artifacts' ids, at most 100.")
]
Lookup = Annotated[ArtifactBy, strawberry.argument(name="by", description="What finds it.")]
Kept = Annotated[
    ArtifactFilter | None,
    strawberry.argument(name="filter", description="What to keep; by default everything."),
]
KeptModels = Annotated[
    ModelFilter | None,
    strawberry.argument(name="filter", description="What to keep; by default every model."),
]
Ordered = Annotated[
    ArtifactOrder | None,
    strawberry.argument(description="The order; by default that of names, ascending."),
]


@strawberry.type(description="What can be asked.")
class Query:
    """The root of all queries."""

    @described("The artifact with an id; null where there is none.")
    async def node(self, info: Info, id_: Id) -> Node | None:
        """Relay's way to fetch an object again."""
        return (await by_ids(info.context, [id_]))[0]

    @described("The artifacts with some ids, in the ids' order, each null where there is none.")
    async def nodes(self, info: Info, ids: Ids) -> list[Node | None]:
        """Relay's way to fetch several objects again."""
        if len(ids) > _MAX_IDS:
            raise bad_input(f"ids: must be at most {_MAX_IDS}, not {len(ids)}.")
        return list(await by_ids(info.context, ids))

    @described("The artifact with an id; null where there is none.")
    async def artifact(self, info: Info, id_: Id) -> Artifact | None:
        """An artifact of any type."""
        return (await by_ids(info.context, [id_]))[0]

    @described(
        "One model, by id, url or name; null where there is none, or where the id "
        "is that of another type."
    )
    async def model(self, info: Info, by: Lookup) -> Model | None:
        """A model."""
        return Model.found(await found(info.context, ArtifactType.MODEL, by))

    @described(
        "One dataset, by id, url or name; null where there is none, or where the "
        "id is that of another type."
    )
    async def dataset(self, info: Info, by: Lookup) -> Dataset | None:
        """A dataset."""
        return Dataset.found(await found(info.context, ArtifactType.DATASET, by))

    @described(
        "One piece of code, by id, url or name; null where there is none, or where "
        "the id is that of another type."
    )
    async def code(self, info: Info, by: Lookup) -> Code | None:
        """A piece of code."""
        return Code.found(await found(info.context, ArtifactType.CODE, by))

    @described("Artifacts of all types, page by page, in a stable order.")
    async def artifacts(
        self,
        info: Info,
        kept: Kept = strawberry.UNSET,
        order_by: Ordered = strawberry.UNSET,
        first: First = 20,
        after: After = strawberry.UNSET,
    ) -> Connection[Artifact]:
        """A page of artifacts."""
        return await listed(
            info.context, _EVERY_TYPE, kept, order=order_by, first=first, after=after
        )

    @described("Models, page by page, in a stable order.")
    async def models(
        self,
        info: Info,
        kept: KeptModels = strawberry.UNSET,
        order_by: Ordered = strawberry.UNSET,
        first: First = 20,
        after: After = strawberry.UNSET,
    ) -> Connection[Model]:
        """A page of models."""
        only = (ArtifactType.MODEL,)
        return await listed(info.context, only, kept, order=order_by, first=first, after=after)

    @described("Datasets, page by page, in a stable order.")
    async def datasets(
        self,
        info: Info,
        kept: Kept = strawberry.UNSET,
        order_by: Ordered = strawberry.UNSET,
        first: First = 20,
        after: After = strawberry.UNSET,
    ) -> Connection[Dataset]:
        """A page of datasets."""
        only = (ArtifactType.DATASET,)
        return await listed(info.context, only, kept, order=order_by, first=first, after=after)

    @described("Code, page by page, in a stable order.")
    async def codes(
        self,
        info: Info,
        kept: Kept = strawberry.UNSET,
        order_by: Ordered = strawberry.UNSET,
        first: First = 20,
        after: After = strawberry.UNSET,
    ) -> Connection[Code]:
        """A page of code."""
        only = (ArtifactType.CODE,)
        return await listed(info.context, only, kept, order=order_by, first=first, after=after)

    @described("Whether an artifact of a type has exactly this url.")
    async def artifact_exists(
        self,
        info: Info,
        of: Annotated[ArtifactType, strawberry.argument(name="type", description="The type.")],
        url: Annotated[Url, strawberry.argument(description="The url, compared exactly.")],
    ) -> bool:
        """Whether a url is taken."""
        target = Target(of, LookupField.URL, wanted_url(url))
        return await info.context.loaders.artifact_by_target.load(target) is not None
