"""The type Provenance: everything that a model was built from, summed up."""

from typing import Annotated, Self

import strawberry

from graph.context import Context
from graph.loading import provenance
from graph.loading.lineage_walk import WalkLimits
from graph.loading.resolved_references import ResolvedReference
from graph.schema.types.artifact import Artifact, artifact_from_record
from graph.schema.types.enums import ReferenceState
from graph.schema.types.lineage_arguments import (
    DEFAULT_NODES,
    DEFAULT_PROVENANCE_DEPTH,
    MAX_DEPTH,
    MAX_NODES,
)
from graph.schema.types.model import Model
from graph.schema.types.pages import check_first
from graph.schema.types.reference import Reference, compare_reference
from graph.schema.types.strawberry_fields import field
from storage.artifacts import records

StatesArgument = Annotated[
    list[ReferenceState] | None,
    strawberry.argument(
        description="Only return references in one of these states. All references by default."
    ),
]


@strawberry.type(
    description="A license, and the artifacts that state it. Licenses with the same "
    "`licenseId`, or that differ only in case, are one."
)
class LicenseUse:
    """A license, and the artifacts that state it."""

    license: str | None = strawberry.field(
        description="The license as most of the artifacts write it. Null for the artifacts "
        "that state none."
    )
    artifacts: list[Artifact] = strawberry.field(
        description="The artifacts, nearest first, then in the order of their IDs."
    )

    @classmethod
    def from_use(cls, use: provenance.LicenseUse) -> Self:
        """Return the object of the use of a license."""
        artifacts = [artifact_from_record(artifact) for artifact in use.artifacts]
        return cls(license=use.license, artifacts=artifacts)


@strawberry.type(
    description="Everything that a model was built from, directly and indirectly, summed up. "
    "The model itself does not count. Nothing is inferred: what the artifacts do not state is "
    "not known."
)
class Provenance:
    """A summary of everything upstream of a model."""

    result: strawberry.Private[provenance.Provenance]

    @field(
        "Whether everything upstream was found. False if artifacts were left out because of "
        "`depth` or `first`, because there are too many references, or because stored data "
        "cannot be read."
    )
    def complete(self) -> bool:
        """Return whether everything was found."""
        return self.result.is_complete

    @field(
        "Whether every reference of the model and of the models upstream is `RESOLVED`. False "
        "if `complete` is false, because then there can be references that nobody looked at."
    )
    def all_resolved(self) -> bool:
        """Return whether all references resolve to what they did when they were written."""
        return self.result.is_complete and all(
            _get_state(found) is ReferenceState.RESOLVED for found in self.result.references
        )

    @field("The number of artifacts that were found upstream.")
    def artifact_count(self) -> int:
        """Return the number of artifacts."""
        return len(self.result.lineage.nodes)

    @field(
        "The references of the model and of the models that were found upstream, whether they "
        "resolve or not: first those of the model, then those of the nearest models. With "
        "`states`, references to artifacts whose stored data cannot be read are left out."
    )
    def references(self, states: StatesArgument = strawberry.UNSET) -> list[Reference] | None:
        """Return the references that the walk met."""
        models: dict[str, Model] = {}
        return [
            Reference.from_record(
                found.reference,
                models.setdefault(found.model.id, Model.from_record(found.model)),
            )
            for found in self.result.references
            if not isinstance(states, list) or _get_state(found) in states
        ]

    @field(
        "The licenses of the artifacts that were found upstream, those of the most artifacts "
        "first, with one entry for each license. The entry of artifacts that state none has a "
        "null license."
    )
    def licenses(self) -> list[LicenseUse]:
        """Return the licenses."""
        uses = provenance.group_by_license(self.result.lineage)
        return [LicenseUse.from_use(use) for use in uses]

    @field(
        "The lowest `netScore` of the rated models that were found upstream. Null if none is "
        "rated."
    )
    def lowest_net_score(self) -> float | None:
        """Return the lowest score."""
        return provenance.find_lowest_net_score(self.result.lineage)


async def read_provenance(
    context: Context, model: records.PartialArtifact, depth: int | None, first: int | None
) -> Provenance:
    """Read what a model was built from.

    Raises:
        RequestError: `depth` or `first` is out of range.
    """
    limits = WalkLimits(
        check_first(depth, MAX_DEPTH, default=DEFAULT_PROVENANCE_DEPTH, name="depth"),
        check_first(first, MAX_NODES, default=DEFAULT_NODES),
    )
    return Provenance(result=await provenance.load_provenance(context.loaders, model, limits))


def _get_state(found: ResolvedReference) -> ReferenceState | None:
    """Return the state of a reference; None if its artifact cannot be read."""
    if found.is_unreadable:
        return None
    return compare_reference(found.reference, found.upstream)
