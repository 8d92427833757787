"""The sort orders of listings."""

from enum import Enum

import strawberry

from graph.schema.types.enums import OrderDirection
from storage.search.listing import Order, OrderField

_NAME = "The name, ignoring case and surrounding whitespace."
_CREATED_AT = "The time of registration."
_UPDATED_AT = "The time of the last change."
_RELEVANCE = (
    "How well the name matches the `search`: the name that is the search itself first, then "
    "names that begin with it, then names that contain it, then all other matches, each in the "
    "order of names. The direction is ignored; without a search it is the order of names."
)


@strawberry.enum(
    description="A field by which artifacts can be sorted. Artifacts with equal values are "
    "sorted by ID."
)
class ArtifactOrderField(Enum):
    """A field by which artifacts of any type can be sorted."""

    NAME = strawberry.enum_value(OrderField.NAME, description=_NAME)
    CREATED_AT = strawberry.enum_value(OrderField.CREATED_AT, description=_CREATED_AT)
    UPDATED_AT = strawberry.enum_value(OrderField.UPDATED_AT, description=_UPDATED_AT)
    RELEVANCE = strawberry.enum_value(OrderField.RELEVANCE, description=_RELEVANCE)


@strawberry.enum(
    description="A field by which models can be sorted. Models with equal values are sorted by "
    "ID."
)
class ModelOrderField(Enum):
    """A field by which models can be sorted."""

    NAME = strawberry.enum_value(OrderField.NAME, description=_NAME)
    CREATED_AT = strawberry.enum_value(OrderField.CREATED_AT, description=_CREATED_AT)
    UPDATED_AT = strawberry.enum_value(OrderField.UPDATED_AT, description=_UPDATED_AT)
    RELEVANCE = strawberry.enum_value(OrderField.RELEVANCE, description=_RELEVANCE)
    NET_SCORE = strawberry.enum_value(
        OrderField.NET_SCORE,
        description="The `netScore` of the rating. Models without a rating come last in either "
        "direction.",
    )


_FIELD = "The field to sort by. `NAME` by default."
_DIRECTION = "The sort direction. `ASC` by default."


@strawberry.input(description="The sort order of artifacts.")
class ArtifactOrder:
    """A sort order of artifacts."""

    field: ArtifactOrderField = strawberry.field(
        default=ArtifactOrderField.NAME, description=_FIELD
    )
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.ASC, description=_DIRECTION
    )


@strawberry.input(description="The sort order of models.")
class ModelOrder:
    """A sort order of models."""

    field: ModelOrderField = strawberry.field(default=ModelOrderField.NAME, description=_FIELD)
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.ASC, description=_DIRECTION
    )


def to_order(order_by: ArtifactOrder | ModelOrder | None, search: str) -> Order:
    """Return the order of a listing: by default RELEVANCE with a search, and NAME without.

    RELEVANCE has no direction, and without a search it is NAME.
    """
    if order_by is None:
        field, descending = OrderField.RELEVANCE, False
    else:
        field = OrderField(order_by.field.value)
        descending = order_by.direction is OrderDirection.DESC
    if field is OrderField.RELEVANCE:
        return Order(field if search else OrderField.NAME)
    return Order(field, descending)
