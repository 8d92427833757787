"""The inputs of queries: lookups, filters and sort orders."""

import strawberry

from graph.schema.types.enums import ArtifactType, ChangeKind, OrderDirection, OrderField
from graph.schema.types.scalars import Url

MAX_IDS = 100
MAX_NAMES = 100
MAX_PATTERN = 200
"""In characters. RE2 takes time in proportion to the length of the pattern times that of the
name, and a page matches up to 1,000 names."""

_NAME = "Only artifacts whose name meets this condition."
_TAG = "Only artifacts with this tag, compared exactly."
_LICENSE = "Only artifacts with this license, compared exactly."


@strawberry.input(
    one_of=True, description="The ID, URL or name of an artifact. Exactly one must be given."
)
class ArtifactBy:
    """A lookup of one artifact."""

    id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The ID of the artifact."
    )
    url: Url | None = strawberry.field(
        default=strawberry.UNSET, description="The URL of the artifact, compared exactly."
    )
    name: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The name of the artifact, ignoring case and surrounding whitespace. If "
        "several artifacts have the name, the name owner is returned: the one that has had it "
        "longest.",
    )


@strawberry.input(
    one_of=True,
    description="A condition on names. Exactly one field must be given. All fields except "
    "`matches` ignore case.",
)
class NameFilter:
    """A condition on names."""

    is_: str | None = strawberry.field(
        name="is",
        default=strawberry.UNSET,
        description="The name, ignoring surrounding whitespace.",
    )
    in_: list[str] | None = strawberry.field(
        name="in",
        default=strawberry.UNSET,
        description=f"A list of at most {MAX_NAMES} names, one of which the artifact must "
        "have. An empty list matches nothing.",
    )
    starts_with: str | None = strawberry.field(
        default=strawberry.UNSET, description="The beginning of the name."
    )
    contains: str | None = strawberry.field(
        default=strawberry.UNSET, description="A part of the name."
    )
    matches: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=f"An RE2 pattern of at most {MAX_PATTERN} characters that matches a part "
        "of the name. It is case-sensitive unless it starts with `(?i)`.",
    )


@strawberry.input(
    description="Conditions on artifacts. All conditions must hold; null is no condition."
)
class ArtifactFilter:
    """Conditions on artifacts."""

    types: list[ArtifactType] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only artifacts of these types. An empty list matches nothing.",
    )
    name: NameFilter | None = strawberry.field(default=strawberry.UNSET, description=_NAME)
    tag: str | None = strawberry.field(default=strawberry.UNSET, description=_TAG)
    license: str | None = strawberry.field(default=strawberry.UNSET, description=_LICENSE)


@strawberry.input(
    description="Conditions on models. All conditions must hold; null is no condition."
)
class ModelFilter:
    """Conditions on models."""

    name: NameFilter | None = strawberry.field(default=strawberry.UNSET, description=_NAME)
    tag: str | None = strawberry.field(default=strawberry.UNSET, description=_TAG)
    license: str | None = strawberry.field(default=strawberry.UNSET, description=_LICENSE)
    min_net_score: float | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only rated models with a `netScore` of at least this value.",
    )
    rated: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only models with a rating if true, only models without one if false.",
    )


@strawberry.input(
    description="Conditions on changes. All conditions must hold; null is no condition, and an "
    "empty list matches nothing."
)
class ChangeFilter:
    """Conditions on changes."""

    types: list[ArtifactType] | None = strawberry.field(
        default=strawberry.UNSET, description="Only changes of artifacts of these types."
    )
    kinds: list[ChangeKind] | None = strawberry.field(
        default=strawberry.UNSET, description="Only changes of these kinds."
    )
    artifact_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description=f"Only changes of the artifacts with these IDs, at most {MAX_IDS}.",
    )


@strawberry.input(description="The sort order of artifacts.")
class ArtifactOrder:
    """A sort order of artifacts."""

    field: OrderField = strawberry.field(
        default=OrderField.NAME, description="The field to sort by. `NAME` by default."
    )
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.ASC, description="The sort direction. `ASC` by default."
    )
