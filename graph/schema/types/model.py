"""Models as GraphQL shows them: an artifact, its rating and its links."""

from typing import Annotated, cast

import strawberry

from graph.context import Info
from graph.loading.awaitables import then
from graph.loading.reference_resolution import (
    Links,
    first_link,
    first_target,
    of_kind,
    ready_links,
)
from graph.schema.types.artifact import Artifact
from graph.schema.types.code import Code
from graph.schema.types.dataset import Dataset
from graph.schema.types.enums import ArtifactType, LineageDirection, ReferenceKind
from graph.schema.types.lineage import Depth, Direction, LineageGraph, Nodes, lineage_of
from graph.schema.types.pagination import After, Connection, First, read_reverse_links
from graph.schema.types.rating import ModelRating
from graph.schema.types.reference import Reference
from graph.schema.types.strawberry_fields import described
from storage.artifacts.rating import decode_rating
from storage.artifacts.records import Target, require_read


def _all(kind: ReferenceKind) -> Links:
    def links(model: "Model") -> list[Target]:
        return [reference.target for reference in of_kind(model.record, kind)]

    return links


def _first(kind: ReferenceKind) -> Links:
    def links(model: "Model") -> tuple[Target, ...]:
        target = first_target(model.record, kind)
        return () if target is None else (target,)

    return links


@strawberry.type(description="A machine-learning model, and what it was built from.")
class Model(Artifact, of=ArtifactType.MODEL):
    """A model."""

    @described("Its scores; null while it is not rated.")
    def rating(self) -> ModelRating | None:
        """The rating, decoded only when asked for."""
        text = require_read(self.record.rating)
        return None if text is None else cast("ModelRating", decode_rating(text))

    @described(
        "The dataset it was trained on: what its first dataset reference that "
        "resolves points to now. Null while none does.",
        _first(ReferenceKind.DATASET),
    )
    def dataset(self, info: Info) -> Dataset | None:
        """The first dataset."""
        found = first_link(info.context.loaders, self.record, ReferenceKind.DATASET)
        return then(found, Dataset.found)

    @described(
        "The code that trained it: what its first code reference that resolves "
        "points to now. Null while none does.",
        _first(ReferenceKind.CODE),
    )
    def code(self, info: Info) -> Code | None:
        """The first code."""
        found = first_link(info.context.loaders, self.record, ReferenceKind.CODE)
        return then(found, Code.found)

    @described(
        "The model it was made from: what its first base-model reference that "
        "resolves points to now. Null while none does.",
        _first(ReferenceKind.BASE_MODEL),
    )
    def base_model(
        self, info: Info
    ) -> Annotated["Model", strawberry.lazy("graph.schema.types.model")] | None:
        """The first base model."""
        found = first_link(info.context.loaders, self.record, ReferenceKind.BASE_MODEL)
        return then(found, Model.found)

    @described(
        "What every dataset reference that resolves points to now, in their order.",
        _all(ReferenceKind.DATASET),
    )
    def datasets(self, info: Info) -> list[Dataset]:
        """All datasets."""
        references = of_kind(self.record, ReferenceKind.DATASET)
        return then(ready_links(info.context.loaders, references), Dataset.all_of)

    @described(
        "What every code reference that resolves points to now, in their order.",
        _all(ReferenceKind.CODE),
    )
    def codes(self, info: Info) -> list[Code]:
        """All code."""
        references = of_kind(self.record, ReferenceKind.CODE)
        return then(ready_links(info.context.loaders, references), Code.all_of)

    @described(
        "What every base-model reference that resolves points to now, in their order.",
        _all(ReferenceKind.BASE_MODEL),
    )
    def base_models(
        self, info: Info
    ) -> list[Annotated["Model", strawberry.lazy("graph.schema.types.model")]]:
        """All base models."""
        references = of_kind(self.record, ReferenceKind.BASE_MODEL)
        return then(ready_links(info.context.loaders, references), Model.all_of)

    @described(
        "The models of which a base-model reference resolves to this one, each "
        "once, in the order of their ids."
    )
    async def derived_models(
        self, info: Info, first: First = 20, after: After = strawberry.UNSET
    ) -> Connection[Annotated["Model", strawberry.lazy("graph.schema.types.model")]]:
        """The models that were made from this one."""
        return await read_reverse_links(info.context, self.record, first, after)

    @described(
        "What it says it was built from, whether or not that resolves: datasets, "
        "then code, then base models, each in the order given."
    )
    def references(self) -> list[Reference]:
        """All references."""
        return [Reference.of(reference) for reference in require_read(self.record.references)]

    @described("What it was built from, or what was built from it, directly and indirectly.")
    async def lineage(
        self,
        info: Info,
        direction: Direction = LineageDirection.UPSTREAM,
        depth: Depth = 1,
        first: Nodes = 100,
    ) -> LineageGraph:
        """The artifacts around this one."""
        return await lineage_of(info.context, self.record, direction, depth, first)
