"""Listings: the filters, the search and the order of a list of artifacts."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from typing import Any

import orjson
import re2

from storage.artifacts.records import ArtifactType, ReferenceKind, ReferenceRole, Target


class OrderField(Enum):
    """The field by which a listing is ordered; ids break ties, so that every order is total."""

    NAME = "name"
    """The normalised name, by code points."""
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    NET_SCORE = "net_score"
    """Of models alone; unrated models come last in both directions."""
    RELEVANCE = "relevance"
    """The searched name itself, names that begin so, that contain it, the rest; each by name.

    It has no direction, and without a search it is NAME, ascending.
    """


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a listing."""

    field: OrderField = OrderField.NAME
    descending: bool = False


class ReferenceState(Enum):
    """The target of a reference now, compared with when it was written."""

    RESOLVED = "resolved"
    RETARGETED = "retargeted"
    LOST = "lost"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True)
class PropertyCondition:
    """A property that the artifact has; both texts are normalised."""

    key: str
    value: str | None = None
    """None: any value."""


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A range of times: not before `from_`, and before `until`."""

    from_: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReferenceCondition:
    """A reference that the model has, for which all of these hold; None is no condition."""

    kind: ReferenceKind | None = None
    role: ReferenceRole | None = None
    targets: tuple[Target, ...] | None = None
    """It resolves to the artifact that one of these targets resolves to."""
    states: tuple[ReferenceState, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """The conditions on the artifacts of a listing; all must hold, None is no condition.

    Texts are normalised, as `normalise` does, unless said otherwise: case does not matter.
    An empty tuple is a condition that no artifact meets, except in `tags_all`, `tags_none`,
    `properties` and `references`.
    """

    types: tuple[ArtifactType, ...]
    ids: tuple[str, ...] | None = None
    names: tuple[str, ...] | None = None
    name_starts_with: str | None = None
    name_contains: str | None = None
    name_matches: str | None = None
    """An RE2 pattern that the name, as it was given, contains."""
    urls: tuple[str, ...] | None = None
    """Exactly as they were given."""
    url_starts_with: str | None = None
    """Exactly as it was given."""
    tags_all: tuple[str, ...] = ()
    tags_any: tuple[str, ...] | None = None
    tags_none: tuple[str, ...] = ()
    tags_is_empty: bool | None = None
    licenses: tuple[str | None, ...] | None = None
    """As `normalise_license` returns them; None among them: the artifact states no license."""
    properties: tuple[PropertyCondition, ...] = ()
    created_by: tuple[str | None, ...] | None = None
    """Names of actors; None among them: the caller is not known."""
    created_at: TimeRange | None = None
    updated_at: TimeRange | None = None
    rated: bool | None = None
    net_score_at_least: float | None = None
    net_score_at_most: float | None = None
    references: tuple[ReferenceCondition, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """The artifacts that match a filter and a search, in an order."""

    filter: Filter
    order: Order = Order()
    search: str = ""
    """Folded words with one space between them; each must occur in name, tags, description
    or url, as a part of a word. No search if empty."""

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the search, each once."""
        return tuple(dict.fromkeys(self.search.split()))

    @property
    def looks_at_everything(self) -> bool:
        """True if all names, words or references may have to be looked at."""
        filter_ = self.filter
        has_text = filter_.name_contains is not None or filter_.name_matches is not None
        has_states = any(each.states is not None for each in filter_.references)
        return bool(self.search) or has_text or has_states

    @property
    def scope(self) -> str:
        """A text that differs between listings, for cursors; other releases give the same."""
        conditions = dict(_conditions(self.filter))
        order = [self.order.field.value, self.order.descending]
        options = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS
        values = [conditions, order, self.search]
        return orjson.dumps(values, default=_to_json, option=options).decode()


_MAX_PATTERN_MEMORY = 1_000_000
"""Bytes of a compiled pattern: RE2's own maximum takes 100 ms to compile, this one takes 10."""


_MAX_PROGRAM = 512
"""Instructions of a compiled pattern. RE2 tries them one by one where it runs out of memory."""


def compile_pattern(pattern: str) -> "re2._Regexp":
    """Compile an RE2 pattern.

    Raises:
        re2.error: if it is malformed or too large.
    """
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_PATTERN_MEMORY
    compiled = re2.compile(pattern, options)
    if compiled.programsize > _MAX_PROGRAM:
        raise re2.error(b"pattern too large - use fewer or smaller repetitions and classes")
    return compiled


def _conditions(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any dataclass here
    """Yield the fields that are not at their default, so that new fields change no scope."""
    for each in fields(value):
        content = getattr(value, each.name)
        if content != each.default:
            yield each.name, content


def _to_json(value: Any) -> Any:  # noqa: ANN401 - as orjson calls it
    return dict(_conditions(value))
