"""Convert the filters of lists to the conditions of a listing, and check their limits."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

import re2
import strawberry

from graph.errors import bad_input
from graph.schema.resolvers.lookups import to_target
from graph.schema.types.conditions import (
    MAX_PATTERN,
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
)
from graph.schema.types.enums import ArtifactType
from graph.schema.types.filters import ArtifactFilter, CommonFilter, ModelFilter
from storage.artifacts.ids import is_id
from storage.artifacts.licenses import normalise_license
from storage.artifacts.names import normalise
from storage.artifacts.records import Target
from storage.search import listing
from storage.search.listing import (
    Filter,
    PropertyCondition,
    ReferenceCondition,
    compile_pattern,
)

_T = TypeVar("_T")
_Conditions = dict[str, Any]


def to_filter(types: tuple[ArtifactType, ...], filter_: CommonFilter | None) -> Filter:
    """Return the conditions of a filter on artifacts of these types.

    Equal conditions give equal results, whatever the order, the spelling or the repetition of
    their values, so that a cursor stays valid.

    Raises:
        RequestError: A condition is not valid; the message names it.
    """
    if not isinstance(filter_, CommonFilter):
        return Filter(types=types)
    if isinstance(filter_, ArtifactFilter) and isinstance(filter_.types, list):
        types = tuple(each for each in types if each in filter_.types)
    conditions = {
        "ids": _to_ids(filter_.ids),
        "licenses": _to_values("license", filter_.license, normalise_license),
        "properties": _to_properties(filter_.properties),
        "created_by": _to_values("createdBy", filter_.created_by),
        "created_at": _to_times("createdAt", filter_.created_at),
        "updated_at": _to_times("updatedAt", filter_.updated_at),
        **_to_name_conditions(filter_.name or NameFilter()),
        **_to_url_conditions(filter_.url or UrlFilter()),
        **_to_tag_conditions(filter_.tags or TagFilter()),
    }
    if isinstance(filter_, ModelFilter):
        conditions |= _to_model_conditions(filter_)
    return Filter(types=types, **_without_nulls(conditions))


def _to_ids(ids: list[strawberry.ID] | None) -> tuple[str, ...] | None:
    """Return the ids, without those that no artifact can have."""
    given = _check_count("ids", ids)
    return None if given is None else tuple(sorted({id_ for id_ in given if is_id(id_)}))


def _to_name_conditions(filter_: NameFilter) -> _Conditions:
    names = _to_texts("name.in", filter_.in_)
    if isinstance(filter_.is_, str):
        is_ = normalise(filter_.is_)
        names = (is_,) if names is None or is_ in names else ()
    return {
        "names": names,
        "name_starts_with": _normalise_prefix(filter_.starts_with or "") or None,
        "name_contains": _normalise_part(filter_.contains or "") or None,
        "name_matches": _check_pattern(filter_.matches),
    }


def _normalise_prefix(text: str) -> str:
    """Normalise the beginning of a name, without stripping blanks at its end."""
    return normalise(text + "|")[:-1]


def _normalise_part(text: str) -> str:
    """Normalise a part of a name, without stripping blanks at its ends."""
    return normalise(f"|{text}|")[1:-1]


def _to_url_conditions(filter_: UrlFilter) -> _Conditions:
    urls = _check_count("url.in", filter_.in_)
    return {
        "urls": None if urls is None else tuple(sorted(set(urls))),
        "url_starts_with": filter_.starts_with or None,
    }


def _to_tag_conditions(filter_: TagFilter) -> _Conditions:
    return {
        "tags_all": _to_texts("tags.all", filter_.all),
        "tags_any": _to_texts("tags.any", filter_.any),
        "tags_none": _to_texts("tags.none", filter_.none),
        "tags_is_empty": filter_.is_empty,
    }


def _to_model_conditions(filter_: ModelFilter) -> _Conditions:
    scores = filter_.net_score or ScoreRange()
    return {
        "rated": filter_.rated,
        "net_score_at_least": scores.at_least,
        "net_score_at_most": scores.at_most,
        "references": _to_references(filter_.references),
    }


def _to_properties(
    filters: list[PropertyFilter] | None,
) -> tuple[PropertyCondition, ...] | None:
    given = _check_count("properties", filters, MAX_PROPERTIES) or ()
    values = ((each.key, each.value if isinstance(each.value, str) else None) for each in given)
    conditions = {
        PropertyCondition(normalise(key), None if value is None else normalise(value))
        for key, value in values
    }
    return _sort(conditions, key=lambda each: (each.key, each.value is None, each.value or ""))


def _to_references(filters: list[ReferenceFilter] | None) -> tuple[ReferenceCondition, ...]:
    given = _check_count("references", filters, MAX_REFERENCE_FILTERS) or ()
    conditions = (
        _to_reference(f"filter.references.{index}", each) for index, each in enumerate(given)
    )
    return _sort(set(conditions), key=repr)


def _to_reference(path: str, filter_: ReferenceFilter) -> ReferenceCondition:
    states = filter_.states if isinstance(filter_.states, list) else None
    return ReferenceCondition(
        kind=filter_.kind or None,
        role=filter_.role or None,
        targets=_to_targets(path, filter_),
        states=None if states is None else _sort(set(states), key=lambda each: each.value),
    )


def _to_targets(path: str, filter_: ReferenceFilter) -> tuple[Target, ...] | None:
    """Return the targets that `target` may mean: of the kind's type, or of each type."""
    by = filter_.target
    if not by:
        return None
    types = [filter_.kind.artifact_type] if filter_.kind else list(ArtifactType)
    targets = (to_target(each, by, f"{path}.target.url") for each in types)
    return tuple(target for target in targets if target is not None)


def _to_values(
    name: str, filter_: ValueFilter | None, normalise_value: Callable[[str], str] = normalise
) -> tuple[str | None, ...] | None:
    """Return the normalised values, with None last if it is among them."""
    values = _check_count(f"{name}.in", filter_.in_) if filter_ else None
    if values is None:
        return None
    texts = _sort({normalise_value(value) for value in values if value is not None})
    return (*texts, None) if None in values else texts


def _to_texts(name: str, texts: list[str] | None) -> tuple[str, ...] | None:
    given = _check_count(name, texts)
    return None if given is None else _sort({normalise(text) for text in given})


def _to_times(name: str, range_: TimeRange | None) -> listing.TimeRange | None:
    if not range_:
        return None
    times = listing.TimeRange(
        _to_utc(f"{name}.from", range_.from_), _to_utc(f"{name}.until", range_.until)
    )
    return None if times == listing.TimeRange() else times


def _to_utc(name: str, time: datetime | None) -> datetime | None:
    try:
        return time.astimezone(UTC) if isinstance(time, datetime) else None
    except OverflowError:
        raise bad_input(f"`filter.{name}` is out of range.") from None


def _check_pattern(pattern: str | None) -> str | None:
    if not isinstance(pattern, str):
        return None
    if len(pattern) > MAX_PATTERN:
        raise bad_input(
            f"`filter.name.matches` must have at most {MAX_PATTERN} characters, "
            f"not {len(pattern)}."
        )
    try:
        compile_pattern(pattern)
    except re2.error as error:
        reason = error.args[0].decode(errors="replace")
        raise bad_input(
            f"`filter.name.matches` must be a valid RE2 pattern: {reason}."
        ) from None
    return pattern


def _check_count(
    name: str, values: list[_T] | None, maximum: int = MAX_VALUES
) -> list[_T] | None:
    """Return the values of a condition; None if it is null or left out."""
    if not isinstance(values, list):
        return None
    if len(values) > maximum:
        raise bad_input(
            f"`filter.{name}` must have at most {maximum} items, not {len(values)}."
        )
    return values


def _sort(values: Iterable[_T], key: Callable[[_T], Any] | None = None) -> tuple[_T, ...]:
    return tuple(sorted(values, key=key))  # type: ignore[type-var,arg-type] # texts, or with a key


def _without_nulls(conditions: _Conditions) -> _Conditions:
    """Return the conditions that are neither left out nor null."""
    return {
        name: value
        for name, value in conditions.items()
        if value is not None and value is not strawberry.UNSET
    }
