"""The filters of lists."""

import strawberry

from graph.schema.types.conditions import (
    MAX_PROPERTIES,
    MAX_REFERENCE_FILTERS,
    MAX_VALUES,
    NameFilter,
    PropertyFilter,
    ReferenceFilter,
    ScoreRange,
    TagFilter,
    TimeRange,
    UrlFilter,
    ValueFilter,
    optional_field,
)
from graph.schema.types.enums import ArtifactType, ChangeKind

MAX_IDS = 100

_ALL_MUST_HOLD = "All conditions must hold; null is no condition."


@strawberry.input(description=f"Conditions on artifacts. {_ALL_MUST_HOLD}")
class CommonFilter:
    """Conditions that artifacts of all types have in common."""

    ids: list[strawberry.ID] | None = optional_field(
        f"Only the artifacts with these IDs. At most {MAX_VALUES} items; an empty list matches "
        "nothing."
    )
    name: NameFilter | None = optional_field("Only artifacts whose name meets this condition.")
    url: UrlFilter | None = optional_field("Only artifacts whose URL meets this condition.")
    tags: TagFilter | None = optional_field("Only artifacts whose tags meet this condition.")
    license: ValueFilter | None = optional_field(
        "Only artifacts with one of these licenses. Licenses with the same SPDX expression are "
        "equal: `GPL-3.0` finds `gpl-3.0-only`. Others are compared as they were given."
    )
    properties: list[PropertyFilter] | None = optional_field(
        f"Only artifacts with all of these properties. At most {MAX_PROPERTIES} items; an "
        "empty list is no condition."
    )
    created_by: ValueFilter | None = optional_field(
        "Only artifacts that one of these callers registered, given by name. Null among them "
        "stands for artifacts whose `createdBy` is null."
    )
    created_at: TimeRange | None = optional_field(
        "Only artifacts that were registered in this range of times."
    )
    updated_at: TimeRange | None = optional_field(
        "Only artifacts that were last changed in this range of times."
    )


@strawberry.input(description=f"Conditions on artifacts. {_ALL_MUST_HOLD}")
class ArtifactFilter(CommonFilter):
    """Conditions on artifacts of all types."""

    types: list[ArtifactType] | None = optional_field(
        "Only artifacts of these types. An empty list matches nothing."
    )


@strawberry.input(description=f"Conditions on datasets. {_ALL_MUST_HOLD}")
class DatasetFilter(CommonFilter):
    """Conditions on datasets."""


@strawberry.input(description=f"Conditions on code. {_ALL_MUST_HOLD}")
class CodeFilter(CommonFilter):
    """Conditions on code."""


@strawberry.input(description=f"Conditions on models. {_ALL_MUST_HOLD}")
class ModelFilter(CommonFilter):
    """Conditions on models."""

    rated: bool | None = optional_field(
        "Only models with a rating if true, only models without one if false."
    )
    net_score: ScoreRange | None = optional_field(
        "Only rated models whose `netScore` is in this range."
    )
    references: list[ReferenceFilter] | None = optional_field(
        "Only models that have, for each of these conditions, a reference that meets it. At "
        f"most {MAX_REFERENCE_FILTERS} items; an empty list is no condition."
    )


@strawberry.input(
    description="Conditions on changes. All conditions must hold; null is no condition, and an "
    "empty list matches nothing."
)
class ChangeFilter:
    """Conditions on changes."""

    types: list[ArtifactType] | None = optional_field(
        "Only changes of artifacts of these types."
    )
    kinds: list[ChangeKind] | None = optional_field("Only changes of these kinds.")
    artifact_ids: list[strawberry.ID] | None = optional_field(
        f"Only changes of the artifacts with these IDs, at most {MAX_IDS}."
    )
