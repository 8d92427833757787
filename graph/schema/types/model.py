"""The type Model."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated, TypeVar

import strawberry

from graph.context import Info
from graph.engine.deferred import Deferred
from graph.loading.batch_loader import Loaded, as_field_value
from graph.loading.lineage_walk import WalkLimits
from graph.loading.ml_bom import load_ml_bom
from graph.loading.reference_resolution import (
    resolve_first_references,
    resolve_references,
    select_references,
)
from graph.schema.types.artifact import Artifact, artifact_from_record
from graph.schema.types.code import Code
from graph.schema.types.dataset import Dataset
from graph.schema.types.enums import ArtifactType, ReferenceKind
from graph.schema.types.lineage_arguments import (
    DEFAULT_NODES,
    DEFAULT_PROVENANCE_DEPTH,
    MAX_DEPTH,
    MAX_NODES,
    FirstNodesArgument,
    ProvenanceDepthArgument,
)
from graph.schema.types.pages import AfterArgument, FirstArgument, check_first
from graph.schema.types.pagination import DependentModelConnection, read_reverse_links
from graph.schema.types.rating import ModelRating
from graph.schema.types.reference import Reference
from graph.schema.types.strawberry_fields import field
from storage.artifacts.records import PartialArtifact, require_read
from storage.artifacts.write_limits import MAX_REFERENCES

if TYPE_CHECKING:
    from graph.schema.types.ml_bom import MlBom
    from graph.schema.types.provenance import Provenance

_T = TypeVar("_T")

FirstLinksArgument = Annotated[
    int | None,
    strawberry.argument(
        description="The maximum number of artifacts to return, from 1 to "
        f"{MAX_REFERENCES}. {MAX_REFERENCES} by default."
    ),
]


def _resolve_links(
    kind: ReferenceKind, models: Sequence["Model"], info: Info
) -> Deferred[list[Loaded[Artifact | None]]]:
    """Return what the first resolving reference of each model resolves to."""
    records = [model.record for model in models]
    return resolve_first_references(info.context.loaders, records, kind, artifact_from_record)


def _resolve_link(kind: ReferenceKind, model: "Model", info: Info, _: type[_T]) -> _T | None:
    """Return the same for one model."""
    link: Deferred[_T | None] = _resolve_links(kind, [model], info).map(itemgetter(0))
    return as_field_value(link)


@strawberry.type(
    description="A machine learning model, with its rating and the artifacts that it was built "
    "from."
)
class Model(Artifact, artifact_type=ArtifactType.MODEL):
    """A model."""

    @field("The rating of the model, or null if it is not rated.")
    def rating(self) -> ModelRating | None:
        """Return the rating, which is decoded only when it is selected."""
        saved = require_read(self.record.rating)
        return None if saved is None else ModelRating.from_record(saved)

    @field(
        "The dataset that the model was trained on: the artifact that the first resolving "
        "dataset reference currently resolves to. Null if no dataset reference resolves.",
        batch=partial(_resolve_links, ReferenceKind.DATASET),
    )
    def dataset(self, info: Info) -> Dataset | None:
        """Return the first dataset."""
        return _resolve_link(ReferenceKind.DATASET, self, info, Dataset)

    @field(
        "The code that trained the model: the artifact that the first resolving "
        "code reference currently resolves to. Null if no code reference resolves.",
        batch=partial(_resolve_links, ReferenceKind.CODE),
    )
    def code(self, info: Info) -> Code | None:
        """Return the first code."""
        return _resolve_link(ReferenceKind.CODE, self, info, Code)

    @field(
        "The model that this model was made from: the artifact that the first resolving "
        "base model reference currently resolves to. Null if no base model reference resolves.",
        batch=partial(_resolve_links, ReferenceKind.BASE_MODEL),
    )
    def base_model(
        self, info: Info
    ) -> Annotated["Model", strawberry.lazy("graph.schema.types.model")] | None:
        """Return the first base model."""
        return _resolve_link(ReferenceKind.BASE_MODEL, self, info, Model)

    @field(
        "The datasets that the dataset references currently resolve to, in the order of the "
        "references, each once. References that do not resolve are left out."
    )
    def datasets(
        self, info: Info, first: FirstLinksArgument = MAX_REFERENCES
    ) -> list[Dataset] | None:
        """Return all datasets."""
        return self._resolve_all_links(info, ReferenceKind.DATASET, first, Dataset.from_records)

    @field(
        "The code that the code references currently resolve to, in the order of the "
        "references, each once. References that do not resolve are left out."
    )
    def codes(
        self, info: Info, first: FirstLinksArgument = MAX_REFERENCES
    ) -> list[Code] | None:
        """Return all code."""
        return self._resolve_all_links(info, ReferenceKind.CODE, first, Code.from_records)

    @field(
        "The models that the base model references currently resolve to, in the order of the "
        "references, each once. References that do not resolve are left out."
    )
    def base_models(
        self, info: Info, first: FirstLinksArgument = MAX_REFERENCES
    ) -> list[Annotated["Model", strawberry.lazy("graph.schema.types.model")]] | None:
        """Return all base models."""
        return self._resolve_all_links(
            info, ReferenceKind.BASE_MODEL, first, Model.from_records
        )

    @field(
        "The models with a base model reference that resolves to this model. Each model is "
        "listed once; the models are sorted by ID."
    )
    def derived_models(
        self, info: Info, first: FirstArgument = 20, after: AfterArgument = strawberry.UNSET
    ) -> DependentModelConnection | None:
        """Return a page of the models that were made from this one."""
        return read_reverse_links(info.context, self.record, first, after)

    @field(
        "The references of the model, whether they resolve or not: first those to datasets, "
        "then to code, then to base models, each in the order they were given; at most 90."
    )
    def references(self) -> list[Reference] | None:
        """Return all references."""
        return [
            Reference.from_record(reference, self)
            for reference in require_read(self.record.references)
        ]

    @field(
        "Everything that this model was built from, directly and indirectly, summed up. The "
        "model itself does not count."
    )
    async def provenance(
        self,
        info: Info,
        depth: ProvenanceDepthArgument = DEFAULT_PROVENANCE_DEPTH,
        first: FirstNodesArgument = DEFAULT_NODES,
    ) -> Annotated["Provenance", strawberry.lazy("graph.schema.types.provenance")] | None:
        """Return what this model was built from."""
        from graph.schema.types.provenance import (  # noqa: PLC0415 - it needs Model
            read_provenance,
        )

        return await read_provenance(info.context, self.record, depth, first)

    @field(
        "The model and everything upstream as a CycloneDX 1.6 bill of materials (ML-BOM), up "
        f"to {MAX_NODES:,} artifacts within {MAX_DEPTH} steps."
    )
    async def ml_bom(
        self, info: Info
    ) -> Annotated["MlBom", strawberry.lazy("graph.schema.types.ml_bom")] | None:
        """Return the bill of materials of this model."""
        from graph.schema.types.ml_bom import MlBom  # noqa: PLC0415 - with Provenance above

        bom = await load_ml_bom(
            info.context.loaders, self.record, WalkLimits(MAX_DEPTH, MAX_NODES)
        )
        return MlBom(text=bom.text, missing=list(bom.missing))

    def _resolve_all_links(
        self,
        info: Info,
        kind: ReferenceKind,
        first: int | None,
        convert: Callable[[Iterable[PartialArtifact]], list[_T]],
    ) -> list[_T]:
        """Return the objects of the first artifacts that the references of a kind resolve to.

        Raises:
            RequestError: `first` is out of range.
        """
        count = check_first(MAX_REFERENCES if first is None else first, MAX_REFERENCES)
        references = select_references(self.record, kind)
        if not references:
            return []
        resolved = resolve_references(info.context.loaders, references)
        return as_field_value(
            resolved.map(lambda records: convert(_drop_repeated(records)[:count]))
        )


def _drop_repeated(records: Iterable[PartialArtifact]) -> list[PartialArtifact]:
    return list({record.id: record for record in records}.values())
