"""Facets: how often each value of a field occurs among the artifacts of a listing."""

from dataclasses import dataclass
from enum import Enum

from storage.artifacts.records import ArtifactType


class FacetField(Enum):
    """The field whose values are counted."""

    TYPE = "type"
    TAG = "tag"
    LICENSE = "license"
    CREATED_BY = "created_by"
    PROPERTY_KEY = "property_key"
    PROPERTY_VALUE = "property_value"
    """The values of one property."""


@dataclass(frozen=True, slots=True)
class FacetRequest:
    """The `first` most frequent values of a field, among all matches of a listing."""

    field: FacetField
    key: str | None = None
    """The normalised key of a property, for PROPERTY_VALUE alone."""
    first: int = 20
    ignore_own_filter: bool = True
    """True to leave out the filter's conditions on the same field: on tags, licenses, the
    creator, all properties for PROPERTY_KEY, and those with this key for PROPERTY_VALUE."""
    types: tuple[ArtifactType, ...] | None = None
    """For TYPE with `ignore_own_filter`: the types to count; None: those of the filter."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value and the number of artifacts that have it; None: those that have none.

    Values that differ in case alone are one, in the spelling that is the most frequent, of
    equally frequent ones the first in order. A type is the value of its ArtifactType.
    """

    value: str | None
    count: int
