"""Facets: how often each value of a field occurs among the artifacts of a listing."""

from collections.abc import Iterator, Sequence
from enum import Enum

import strawberry

from graph.errors import bad_input
from graph.schema.types.enums import ArtifactType
from graph.schema.types.pages import MAX_FIRST, check_first
from storage.artifacts.names import normalise
from storage.search import facets
from storage.search.facets import FacetRequest

MAX_FACETS = 10


@strawberry.enum(description="A field whose values can be counted.")
class FacetField(Enum):
    """A field whose values can be counted."""

    TYPE = strawberry.enum_value(
        facets.FacetField.TYPE, description="The type: `MODEL`, `DATASET` or `CODE`."
    )
    TAG = strawberry.enum_value(facets.FacetField.TAG, description="The tags.")
    LICENSE = strawberry.enum_value(
        facets.FacetField.LICENSE,
        description="The SPDX expression of the license, where it can be derived, or "
        "the license as it was given.",
    )
    CREATED_BY = strawberry.enum_value(
        facets.FacetField.CREATED_BY,
        description="The name of the caller who registered the artifact.",
    )
    PROPERTY_KEY = strawberry.enum_value(
        facets.FacetField.PROPERTY_KEY, description="The keys of the properties."
    )
    PROPERTY_VALUE = strawberry.enum_value(
        facets.FacetField.PROPERTY_VALUE,
        description="The value of the property with the given `key`.",
    )


@strawberry.input(description="A field whose values are counted.")
class FacetInput:
    """A field whose values are counted."""

    field: FacetField = strawberry.field(description="The field.")
    key: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The key of the property, ignoring case. Required for `PROPERTY_VALUE`, "
        "and not allowed for any other field.",
    )
    first: int | None = strawberry.field(
        default=20,
        description=f"The maximum number of values to return, from 1 to {MAX_FIRST}, the most "
        "frequent ones. 20 by default.",
    )
    ignore_own_filter: bool | None = strawberry.field(
        default=True,
        description="Whether the conditions of `filter` on the same field (and key) are "
        "ignored, so that other values can be offered. True by default.",
    )


@strawberry.type(description="A value of a field and how often it occurs.")
class FacetValue:
    """A value and the number of artifacts that have it."""

    value: str | None = strawberry.field(
        description="The value. Null stands for artifacts that have none. Values that differ "
        "only in case, surrounding whitespace or Unicode form are counted as one, in the most "
        "frequent spelling; of equally frequent ones, in the first by code points."
    )
    count: int = strawberry.field(description="The exact number of artifacts that have it.")


@strawberry.type(description="The values of a field among all artifacts of a list.")
class Facet:
    """The most frequent values of a field."""

    field: FacetField = strawberry.field(description="The field.")
    key: str | None = strawberry.field(
        description="The key of the property as it was requested. Null for other fields than "
        "`PROPERTY_VALUE`."
    )
    values: list[FacetValue] = strawberry.field(
        description="The most frequent values, the most frequent first. Equally frequent ones "
        "are in alphabetical order."
    )


def to_requests(
    inputs: Sequence[FacetInput], types: tuple[ArtifactType, ...]
) -> list[FacetRequest]:
    """Return the requests for facets of a field that lists these types.

    Raises:
        RequestError: An input is not valid.
    """
    if len(inputs) > MAX_FACETS:
        raise bad_input(f"`by` must have at most {MAX_FACETS} items, not {len(inputs)}.")
    return [_to_request(each, types, f"by.{index}") for index, each in enumerate(inputs)]


def from_values(
    inputs: Sequence[FacetInput], counted: Sequence[Sequence[facets.FacetValue] | None]
) -> list[Facet] | None:
    """Return the facets with these values; None if values of one could not be counted."""
    found = [values for values in counted if values is not None]
    if len(found) < len(inputs):
        return None
    return [
        Facet(
            field=each.field,
            key=each.key if isinstance(each.key, str) else None,
            values=list(_to_values(each.field, values)),
        )
        for each, values in zip(inputs, found, strict=True)
    ]


def _to_request(input_: FacetInput, types: tuple[ArtifactType, ...], path: str) -> FacetRequest:
    field, key = facets.FacetField(input_.field.value), None
    if field is facets.FacetField.PROPERTY_VALUE:
        if not isinstance(input_.key, str):
            raise bad_input(f"`{path}.key` must be given for PROPERTY_VALUE.")
        key = normalise(input_.key)
    elif isinstance(input_.key, str):
        raise bad_input(f"`{path}.key` is only allowed for PROPERTY_VALUE.")
    return FacetRequest(
        field,
        key,
        check_first(input_.first, name=f"{path}.first"),
        ignore_own_filter=input_.ignore_own_filter is not False,
        types=types if field is facets.FacetField.TYPE else None,
    )


def _to_values(field: FacetField, values: Sequence[facets.FacetValue]) -> Iterator[FacetValue]:
    is_type = field is FacetField.TYPE
    for each in values:
        value = ArtifactType(each.value).name if is_type and each.value else each.value
        yield FacetValue(value=value, count=each.count)
