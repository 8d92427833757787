"""What a listing asks for: types, filter and order, and which artifacts belong to it."""

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
"""What of a name decides its place; DynamoDB's sort keys hold 1,024 bytes, id included."""
_FIRST_SURROGATE, _AFTER_SURROGATES = 0xD800, 0xE000


class OrderField(Enum):
    """What a listing is ordered by; ids break ties, so that every order is total."""

    NAME = "name"
    CREATED_AT = "created_at"


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a listing."""

    field: OrderField = OrderField.NAME
    descending: bool = False

    def key(self, artifact: PartialArtifact) -> str:
        """The artifact's place; keys compare as their UTF-8 bytes do, in every store."""
        if self.field is OrderField.NAME:
            return name_key(artifact.name, artifact.id)
        return created_key(require_read(artifact.created_at), artifact.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which artifacts of `types` belong to a listing; what is None does not matter."""

    types: tuple[ArtifactType, ...]
    names: tuple[str, ...] | None = None
    """Normalised; an artifact bears one of them."""
    starts_with: str | None = None
    contains: str | None = None
    matches: str | None = None
    """An RE2 pattern that is found in the name as it was given."""
    tag: str | None = None
    license: str | None = None
    min_net_score: float | None = None
    rated: bool | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one type's order, both ends included; None is open."""

    type: ArtifactType
    low: str | None = None
    high: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A filter in an order: what a page is a page of."""

    filter: Filter
    order: Order = Order()

    @property
    def scope(self) -> str:
        """Tells listings apart, for cursors."""
        return repr(self)

    @property
    def is_whole(self) -> bool:
        """Whether every artifact of the types belongs to it."""
        return self.filter == Filter(types=self.filter.types)

    @property
    def is_indexed(self) -> bool:
        """Whether the spans hold hardly anything but what the filter lets pass."""
        wanted = self.filter
        named = Filter(types=wanted.types, names=wanted.names, starts_with=wanted.starts_with)
        return wanted == named and (self._by_name or not self._names_something)

    @property
    def details(self) -> frozenset[str]:
        """The details that decide whether an artifact belongs to the listing, and where."""
        wanted = self.filter
        decisive = {
            "tags": wanted.tag is not None,
            "license": wanted.license is not None,
            "rating": wanted.rated is not None or wanted.min_net_score is not None,
            "created_at": not self._by_name,
        }
        return frozenset(detail for detail, decides in decisive.items() if decides)

    @property
    def _by_name(self) -> bool:
        return self.order.field is OrderField.NAME

    @property
    def _names_something(self) -> bool:
        return self.filter.names is not None or self.filter.starts_with is not None

    def spans(self) -> Iterator[Span]:
        """Where in the order the listing's artifacts are, types and names apart."""
        for of in dict.fromkeys(self.filter.types):
            if not self._by_name or not self._names_something:
                yield Span(of)
            elif self.filter.names is not None:
                # Long names may differ only behind what decides their place.
                for prefix in sorted({_cut(n) + _SEPARATOR for n in self.filter.names if n}):
                    yield Span(of, prefix, _after_prefix(prefix))
            else:
                prefix = _cut(normalise_prefix(self.filter.starts_with or ""))
                yield Span(of, prefix or None, _after_prefix(prefix))


def name_key(name: str, id: str) -> str:  # noqa: A002 - the registry's own word
    """An artifact's place in the order of names."""
    return f"{_cut(normalise(name))}{_SEPARATOR}{id}"


def created_key(at: datetime, id: str) -> str:  # noqa: A002 - the registry's own word
    """An artifact's place in the order of creation, or among the bearers of its name."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z#{id}"


def normalise_prefix(text: str) -> str:
    """The beginning of a normalised name; blanks at its end are part of it."""
    marked = normalise(text + "|")
    return marked[:-1]


class Matcher:
    """Decides which artifacts a filter lets pass; compiled once for a page."""

    def __init__(self, wanted: Filter) -> None:
        self._wanted = wanted
        self._pattern = None if wanted.matches is None else compile_pattern(wanted.matches)

    def __call__(self, artifact: PartialArtifact) -> bool:
        """Whether the artifact passes."""
        return (
            self._has_name(artifact.name)
            and self._has_facts(artifact)
            and self._is_rated(artifact)
        )

    def _has_name(self, name: str) -> bool:
        wanted, normalised = self._wanted, normalise(name)
        if wanted.names is not None and (not normalised or normalised not in wanted.names):
            return False
        if wanted.starts_with is not None:
            return normalised.startswith(normalise_prefix(wanted.starts_with))
        if wanted.contains is not None:
            return normalise(wanted.contains) in normalised
        return self._pattern is None or self._pattern.search(name) is not None

    def _has_facts(self, artifact: PartialArtifact) -> bool:
        wanted = self._wanted
        if wanted.tag is not None and wanted.tag not in require_read(artifact.tags):
            return False
        return wanted.license is None or wanted.license == require_read(artifact.license)

    def _is_rated(self, artifact: PartialArtifact) -> bool:
        wanted = self._wanted
        if wanted.rated is not None and wanted.rated != (
            require_read(artifact.rating) is not None
        ):
            return False
        if wanted.min_net_score is None:
            return True
        score = _net_score(artifact)
        return score is not None and score >= wanted.min_net_score


def compile_pattern(pattern: str) -> "re2._Regexp":
    """The compiled RE2 pattern.

    Raises:
        re2.error: where it is malformed.
    """
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def _net_score(artifact: PartialArtifact) -> float | None:
    """None too where the stored rating is unreadable: a filter has nobody to tell."""
    try:
        rating = require_read(artifact.rating)
        return None if rating is None else decode_rating(rating).net_score
    except UndecodableError:
        return None


def _cut(name: str) -> str:
    return name.encode()[:_NAME_KEY_BYTES].decode(errors="ignore")


def _after_prefix(prefix: str) -> str | None:
    """The least string above all that begin with `prefix`; None where there is none."""
    for end in range(len(prefix), 0, -1):
        following = ord(prefix[end - 1]) + 1
        if following == _FIRST_SURROGATE:
            following = _AFTER_SURROGATES
        if following <= sys.maxunicode:
            return prefix[: end - 1] + chr(following)
    return None
