"""What lookups and listings are given: by what to find, what to keep and in which order."""

import strawberry

from graph.schema.types.enums import ArtifactType, OrderDirection, OrderField
from graph.schema.types.scalars import Url

_ID = "Its id."
_URL = "Its url, compared exactly."
_NAME = (
    "Its name, ignoring case and surrounding blanks: of several of that name, the one that has "
    "borne it longest."
)
_TAG = "Keep what has this tag, compared exactly."
_LICENSE = "Keep what has this license, compared exactly."
_FILTER_NAME = "Keep what has such a name."


@strawberry.input(one_of=True, description="What finds one artifact: exactly one of these.")
class ArtifactBy:
    """What finds an artifact."""

    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=_ID)
    url: Url | None = strawberry.field(default=strawberry.UNSET, description=_URL)
    name: str | None = strawberry.field(default=strawberry.UNSET, description=_NAME)


@strawberry.input(
    one_of=True,
    description="Which names to keep: exactly one of these. All but `matches` ignore case.",
)
class NameFilter:
    """A condition on names."""

    is_: str | None = strawberry.field(
        name="is",
        default=strawberry.UNSET,
        description="This very name, ignoring surrounding blanks.",
    )
    in_: list[str] | None = strawberry.field(
        name="in",
        default=strawberry.UNSET,
        description="One of these names, at most 100.",
    )
    starts_with: str | None = strawberry.field(
        default=strawberry.UNSET, description="Names that begin with this."
    )
    contains: str | None = strawberry.field(
        default=strawberry.UNSET, description="Names that this occurs in."
    )
    matches: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Names, as they were given, in which this RE2 pattern of at most 200 "
        "characters is found; `(?i)` before it ignores case.",
    )


@strawberry.input(description="What to keep of a listing; conditions add up.")
class ArtifactFilter:
    """Conditions on artifacts."""

    types: list[ArtifactType] | None = strawberry.field(
        default=strawberry.UNSET, description="Keep artifacts of these types."
    )
    name: NameFilter | None = strawberry.field(
        default=strawberry.UNSET, description=_FILTER_NAME
    )
    tag: str | None = strawberry.field(default=strawberry.UNSET, description=_TAG)
    license: str | None = strawberry.field(default=strawberry.UNSET, description=_LICENSE)


@strawberry.input(description="What to keep of a listing of models; conditions add up.")
class ModelFilter:
    """Conditions on models."""

    name: NameFilter | None = strawberry.field(
        default=strawberry.UNSET, description=_FILTER_NAME
    )
    tag: str | None = strawberry.field(default=strawberry.UNSET, description=_TAG)
    license: str | None = strawberry.field(default=strawberry.UNSET, description=_LICENSE)
    min_net_score: float | None = strawberry.field(
        default=strawberry.UNSET,
        description="Keep rated models of which `netScore` is at least this.",
    )
    rated: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Keep rated models, or, if false, those that are not.",
    )


@strawberry.input(description="The order of a listing.")
class ArtifactOrder:
    """An order of artifacts."""

    field: OrderField = strawberry.field(
        default=OrderField.NAME, description="What to order by."
    )
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.ASC, description="Which way to run."
    )
