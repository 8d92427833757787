"""Facets as plain Python over a list of artifacts."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from storage.artifacts.licenses import to_license_value
from storage.artifacts.names import normalise
from storage.artifacts.records import Artifact
from storage.search.facets import FacetField, FacetRequest, FacetValue
from storage.search.listing import Listing
from tests.storage.contract.listing_oracle import ListingOracle, creator_name


def count_facet(
    oracle: ListingOracle, wanted: Listing, request: FacetRequest
) -> list[FacetValue]:
    """The values for a facet request."""
    counted = _without_own_filter(wanted, request) if request.ignore_own_filter else wanted
    spellings = defaultdict[str | None, Counter[str | None]](Counter)
    for artifact in oracle.read(counted):
        values = _values(artifact, request)
        if not values:
            spellings[None][None] += 1
        for value, spelling in values.items():
            spellings[value][spelling] += 1
    totals = sorted(
        (-counts.total(), normalised is not None, normalised or "")
        for normalised, counts in spellings.items()
    )
    found = []
    for total, is_value, normalised in totals[: request.first]:
        counts = spellings[normalised if is_value else None]
        spelled = min(counts, key=lambda each: (-counts[each], each or ""))
        found.append(FacetValue(spelled, -total))
    return found


def _without_own_filter(wanted: Listing, request: FacetRequest) -> Listing:
    filter_ = wanted.filter
    others = tuple(each for each in filter_.properties if each.key != request.key)
    own: dict[FacetField, dict[str, Any]] = {
        FacetField.TYPE: {"types": request.types or filter_.types},
        FacetField.TAG: {
            "tags_all": (), "tags_any": None, "tags_none": (), "tags_is_empty": None
        },
        FacetField.LICENSE: {"licenses": None},
        FacetField.CREATED_BY: {"created_by": None},
        FacetField.PROPERTY_KEY: {"properties": ()},
        FacetField.PROPERTY_VALUE: {"properties": others},
    }  # fmt: skip
    return replace(wanted, filter=replace(filter_, **own[request.field]))


def _values(artifact: Artifact, request: FacetRequest) -> dict[str, str]:
    """The normalised values of a field, each with the first of its spellings."""
    values: dict[FacetField, Iterable[str | None]] = {
        FacetField.TYPE: [artifact.type.value],
        FacetField.TAG: artifact.tags,
        FacetField.LICENSE: [artifact.license and to_license_value(artifact.license)],
        FacetField.CREATED_BY: [creator_name(artifact)],
        FacetField.PROPERTY_KEY: [key for key, _ in artifact.properties],
        FacetField.PROPERTY_VALUE: [
            value for key, value in artifact.properties if normalise(key) == request.key
        ],
    }
    found: dict[str, str] = {}
    for value in values[request.field]:
        if value is not None:
            found.setdefault(normalise(value), value)
    return found
