"""The inputs of single conditions, of which filters consist."""

from datetime import datetime
from typing import Any

import strawberry

from graph.schema.types.artifact_by import ArtifactBy
from graph.schema.types.enums import ReferenceKind, ReferenceRole, ReferenceState
from graph.schema.types.scalars import Url

MAX_VALUES = 100
"""The most ids, names, urls, tags, licenses or callers of one condition."""
MAX_PATTERN = 200
"""In characters. RE2 takes time in proportion to the length of the pattern times that of the
text."""
MAX_PROPERTIES = 32
MAX_REFERENCE_FILTERS = 10

_AT_MOST = f"At most {MAX_VALUES} items; an empty list matches nothing."


def optional_field(description: str, name: str | None = None) -> Any:  # noqa: ANN401 - what the field is annotated with
    """Declare an input field that is no condition if it is left out or null."""
    return strawberry.field(default=strawberry.UNSET, description=description, name=name)


@strawberry.input(
    description="Conditions on the name. All conditions must hold; null is no condition. All "
    "except `matches` ignore case."
)
class NameFilter:
    """Conditions on the name."""

    is_: str | None = optional_field("The name, ignoring surrounding whitespace.", name="is")
    in_: list[str] | None = optional_field(
        "Names, one of which the artifact has, ignoring surrounding whitespace. " + _AT_MOST,
        name="in",
    )
    starts_with: str | None = optional_field("The beginning of the name.")
    contains: str | None = optional_field("A part of the name.")
    matches: str | None = optional_field(
        f"An RE2 pattern of at most {MAX_PATTERN} characters that matches a part of the name "
        "as it was given. It is case-sensitive unless it starts with `(?i)`."
    )


@strawberry.input(
    description="Conditions on the URL, which is compared exactly. All conditions must hold; "
    "null is no condition."
)
class UrlFilter:
    """Conditions on the URL."""

    in_: list[Url] | None = optional_field(
        "URLs, one of which the artifact has. " + _AT_MOST, name="in"
    )
    starts_with: str | None = optional_field("The beginning of the URL.")


@strawberry.input(
    description="Conditions on the tags, ignoring case, surrounding whitespace and the Unicode "
    "form. All conditions must hold; null is no condition."
)
class TagFilter:
    """Conditions on the tags."""

    all: list[str] | None = optional_field(
        f"Tags, all of which the artifact has. At most {MAX_VALUES} items; an empty list is no "
        "condition."
    )
    any: list[str] | None = optional_field(
        "Tags, at least one of which the artifact has. " + _AT_MOST
    )
    none: list[str] | None = optional_field(
        f"Tags, none of which the artifact has. At most {MAX_VALUES} items; an empty list is "
        "no condition."
    )
    is_empty: bool | None = optional_field(
        "Only artifacts without tags if true, only artifacts with tags if false."
    )


@strawberry.input(
    description="A condition on a value that an artifact may have, ignoring case, surrounding "
    "whitespace and the Unicode form. Null is no condition."
)
class ValueFilter:
    """A condition on a value."""

    in_: list[str | None] | None = optional_field(
        "Values, one of which the artifact has. Null among them stands for artifacts that have "
        "none. " + _AT_MOST,
        name="in",
    )


@strawberry.input(
    description="A property that the artifact has, ignoring case, surrounding whitespace and "
    "the Unicode form."
)
class PropertyFilter:
    """A condition on a property."""

    key: str = strawberry.field(description="The key of the property.")
    value: str | None = optional_field(
        "The value of the property. If null or left out, any value matches."
    )


@strawberry.input(
    description="A range of times. Null or a bound that is left out is no condition."
)
class TimeRange:
    """A range of times."""

    from_: datetime | None = optional_field("Only times that are not before this.", name="from")
    until: datetime | None = optional_field("Only times before this.")


@strawberry.input(
    description="A range of scores. Null or a bound that is left out is no condition."
)
class ScoreRange:
    """A range of scores."""

    at_least: float | None = optional_field("The lowest score that matches.")
    at_most: float | None = optional_field("The highest score that matches.")


@strawberry.input(
    description="A reference that the model has, for which all of these conditions hold; null "
    "is no condition."
)
class ReferenceFilter:
    """A condition on the references of a model."""

    kind: ReferenceKind | None = optional_field("The kind of the reference.")
    role: ReferenceRole | None = optional_field("The role of the reference.")
    target: ArtifactBy | None = optional_field(
        "The artifact that the reference currently resolves to. Without `kind`, it can be of "
        "any type. If there is no such artifact, nothing matches."
    )
    states: list[ReferenceState] | None = optional_field(
        "The states, one of which the reference has. An empty list matches nothing."
    )
