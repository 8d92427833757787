"""Listings: filters, orders, and the key ranges that hold the artifacts of a listing."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import re2

from storage.artifacts.names import normalise
from storage.artifacts.rating import decode_rating
from storage.artifacts.records import ArtifactType, PartialArtifact, require_read
from storage.errors import UndecodableError

_SEPARATOR = "\x00"
_NAME_KEY_BYTES = 880
"""The bytes of a name that determine its order; with the id, a sort key has at most 1,024."""
_FIRST_SURROGATE, _AFTER_SURROGATES = 0xD800, 0xE000


class OrderField(Enum):
    """The field by which a listing is ordered; ids break ties, so that every order is total."""

    NAME = "name"
    CREATED_AT = "created_at"


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a listing."""

    field: OrderField = OrderField.NAME
    descending: bool = False

    def key(self, artifact: PartialArtifact) -> str:
        """Return the artifact's position; all stores compare positions as UTF-8 bytes."""
        if self.field is OrderField.NAME:
            return name_key(artifact.name, artifact.id)
        return created_key(require_read(artifact.created_at), artifact.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """The conditions on the artifacts of a listing; all must hold, None is no condition."""

    types: tuple[ArtifactType, ...]
    names: tuple[str, ...] | None = None
    """Normalised names; the artifact has one of them."""
    starts_with: str | None = None
    contains: str | None = None
    matches: str | None = None
    """An RE2 pattern that the name, as it was given, contains."""
    tag: str | None = None
    license: str | None = None
    min_net_score: float | None = None
    rated: bool | None = None


@dataclass(frozen=True, slots=True)
class KeyRange:
    """A range of positions of one type, both ends included; None is an open end."""

    type: ArtifactType
    low: str | None = None
    high: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The artifacts that match a filter, in an order."""

    filter: Filter
    order: Order = Order()

    @property
    def scope(self) -> str:
        """A text that differs between listings, for cursors."""
        return repr(self)

    @property
    def is_whole(self) -> bool:
        """True if all artifacts of the types belong to the listing."""
        return self.filter == Filter(types=self.filter.types)

    @property
    def is_indexed(self) -> bool:
        """True if the key ranges hold hardly any artifact that does not match the filter."""
        filter_ = self.filter
        by_name = Filter(
            types=filter_.types, names=filter_.names, starts_with=filter_.starts_with
        )
        return filter_ == by_name and (self._is_ordered_by_name or not self._has_name_range)

    @property
    def details(self) -> frozenset[str]:
        """The details that the filter and the order need."""
        filter_ = self.filter
        is_needed = {
            "tags": filter_.tag is not None,
            "license": filter_.license is not None,
            "rating": filter_.rated is not None or filter_.min_net_score is not None,
            "created_at": not self._is_ordered_by_name,
        }
        return frozenset(detail for detail, needed in is_needed.items() if needed)

    @property
    def _is_ordered_by_name(self) -> bool:
        return self.order.field is OrderField.NAME

    @property
    def _has_name_range(self) -> bool:
        return self.filter.names is not None or self.filter.starts_with is not None

    def key_ranges(self) -> Iterator[KeyRange]:
        """Yield the ranges of the order that hold the artifacts, by type and name."""
        for artifact_type in dict.fromkeys(self.filter.types):
            if not self._is_ordered_by_name or not self._has_name_range:
                yield KeyRange(artifact_type)
            elif self.filter.names is not None:
                # Several long names can have the same key.
                keys = {_to_key_prefix(name) + _SEPARATOR for name in self.filter.names if name}
                for key in sorted(keys):
                    yield KeyRange(artifact_type, key, _end_of_prefix(key))
            else:
                prefix = _to_key_prefix(normalise_prefix(self.filter.starts_with or ""))
                yield KeyRange(artifact_type, prefix or None, _end_of_prefix(prefix))


def name_key(name: str, id: str) -> str:  # noqa: A002 - the registry's own word
    """Return the position of an artifact in the order of names."""
    return f"{_to_key_prefix(normalise(name))}{_SEPARATOR}{id}"


def created_key(at: datetime, id: str) -> str:  # noqa: A002 - the registry's own word
    """Return the position of an artifact in the order of a time, such as its creation."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z#{id}"


def normalise_prefix(text: str) -> str:
    """Normalise the beginning of a name, without stripping blanks at its end."""
    with_end = normalise(text + "|")
    return with_end[:-1]


class Matcher:
    """Decides which artifacts match a filter; compiles the pattern once."""

    def __init__(self, filter_: Filter) -> None:
        self._filter = filter_
        self._pattern = None if filter_.matches is None else compile_pattern(filter_.matches)

    def __call__(self, artifact: PartialArtifact) -> bool:
        """Return whether the artifact matches."""
        return (
            self._matches_name(artifact.name)
            and self._matches_tag_and_license(artifact)
            and self._matches_rating(artifact)
        )

    def _matches_name(self, name: str) -> bool:
        filter_, normalised = self._filter, normalise(name)
        if filter_.names is not None and (not normalised or normalised not in filter_.names):
            return False
        if filter_.starts_with is not None:
            return normalised.startswith(normalise_prefix(filter_.starts_with))
        if filter_.contains is not None:
            return normalise(filter_.contains) in normalised
        return self._pattern is None or self._pattern.search(name) is not None

    def _matches_tag_and_license(self, artifact: PartialArtifact) -> bool:
        filter_ = self._filter
        if filter_.tag is not None and filter_.tag not in require_read(artifact.tags):
            return False
        return filter_.license is None or filter_.license == require_read(artifact.license)

    def _matches_rating(self, artifact: PartialArtifact) -> bool:
        filter_ = self._filter
        if filter_.rated is not None:
            is_rated = require_read(artifact.rating) is not None
            if filter_.rated != is_rated:
                return False
        if filter_.min_net_score is None:
            return True
        score = _net_score(artifact)
        return score is not None and score >= filter_.min_net_score


def compile_pattern(pattern: str) -> "re2._Regexp":
    """Compile an RE2 pattern.

    Raises:
        re2.error: if it is malformed.
    """
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def _net_score(artifact: PartialArtifact) -> float | None:
    """Return the net score; None if there is no rating, or if it cannot be read."""
    try:
        rating = require_read(artifact.rating)
        return None if rating is None else decode_rating(rating.text).net_score
    except UndecodableError:
        return None


def _to_key_prefix(name: str) -> str:
    return name.encode()[:_NAME_KEY_BYTES].decode(errors="ignore")


def _end_of_prefix(prefix: str) -> str | None:
    """Return the smallest text that is greater than all with the prefix; None if none is."""
    for end in range(len(prefix), 0, -1):
        following = ord(prefix[end - 1]) + 1
        if following == _FIRST_SURROGATE:
            following = _AFTER_SURROGATES
        if following <= sys.maxunicode:
            return prefix[: end - 1] + chr(following)
    return None
