"""The connections of listings: pages of artifacts, with their number and their facets."""

from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

import strawberry

from graph.loading.batch_loader import BatchLoader, as_field_value, require_value
from graph.schema.types.enums import ArtifactType
from graph.schema.types.facets import MAX_FACETS, Facet, FacetInput, from_values, to_requests
from graph.schema.types.pagination import PageOfArtifacts
from graph.schema.types.strawberry_fields import field
from storage.search.facets import FacetRequest, FacetValue
from storage.search.pages import MAX_COUNTED

T = TypeVar("T")

ByArgument = Annotated[
    list[FacetInput],
    strawberry.argument(
        name="by", description=f"The fields whose values are counted, at most {MAX_FACETS}."
    ),
]


@strawberry.type(description="A page of a list of artifacts.")
class Connection(PageOfArtifacts[T], Generic[T]):
    """A page of a listing; fields that are not selected are not computed."""

    types: strawberry.Private[tuple[ArtifactType, ...]]
    """The types that the field lists."""
    total: strawberry.Private[BatchLoader[None, int | None]]
    facet_values: strawberry.Private[BatchLoader[FacetRequest, Sequence[FacetValue] | None]]

    @field(
        f"The exact number of artifacts on all pages together. Null above {MAX_COUNTED:,} "
        "matches."
    )
    def total_count(self) -> int | None:
        """Count the artifacts on all pages."""
        return as_field_value(self.total.load(None))

    @field(
        "How often values occur among the artifacts on all pages together: a facet for each "
        f"item of `by`, in its order. Null if there are more than {MAX_COUNTED:,} matches for "
        "one of them."
    )
    def facets(self, by: ByArgument) -> list[Facet] | None:
        """Count the values of fields."""
        counted = self.facet_values.load_many(to_requests(by, self.types))
        return as_field_value(
            counted.map(
                lambda counted: from_values(by, [require_value(values) for values in counted])
            )
        )
