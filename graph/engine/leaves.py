"""Leaves that are attributes of their objects: read and completed in one go."""

from collections.abc import Callable, Mapping
from datetime import datetime
from math import isfinite
from operator import attrgetter
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLLeafType,
    GraphQLNamedType,
    GraphQLNullableType,
    GraphQLString,
    Undefined,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from graph.engine.direct_resolvers import attribute
from graph.loading.awaitables import is_awaitable
from storage.artifacts.records import NOT_READ

Leaf = Callable[[object], Any]
"""Reads a field and completes it; Undefined where that must go graphql-core's own way."""

_AS_THEY_ARE: dict[GraphQLNamedType, type] = {
    GraphQLString: str,
    GraphQLID: str,
    GraphQLBoolean: bool,
    GraphQLFloat: float,
}
"""Leaves whose values, when they are of just this type, and finite, are their own results."""
_TEXT = frozenset({str})
_LISTS = frozenset({list, tuple})
_SIMPLE = frozenset({str, bool, int, float, datetime})
"""Types whose values are neither errors nor to be waited for."""


class Leaves:
    """Leaves of one kind, which are read together: three in the time of one and a half."""

    __slots__ = ("_are_finite", "_names", "_read", "_types")

    def __init__(self, kind: type, fields: Mapping[str, GraphQLField]) -> None:
        attributes = [attribute(field) or "" for field in fields.values()]
        self._read = attrgetter(*attributes)
        self._names = tuple(fields)
        self._types = (kind,) * len(fields)
        self._are_finite = kind is not float

    def read_into(self, results: dict[str, Any], source: object) -> bool:
        """Add what they are to results; False where one is not as it should be, or null."""
        try:
            values = self._read(source)
        except Exception:  # noqa: BLE001 - graphql-core meets it again and reports it
            return False
        if tuple(map(type, values)) != self._types:
            return False
        if not (self._are_finite or isfinite(sum(values))):
            return False
        results.update(zip(self._names, values, strict=True))
        return True


def as_it_is(field: GraphQLField) -> type | None:
    """What type a field's values have that are their own results; None where there is none."""
    return None if attribute(field) is None else _kind(get_nullable_type(field.type))


def leaf(field: GraphQLField) -> Leaf | None:
    """How a field is read and completed; None where it has a resolver, or more below it."""
    of, path = get_nullable_type(field.type), attribute(field)
    if path is None:
        return None
    if is_list_type(of):
        return _texts(path) if _kind(get_nullable_type(of.of_type)) is str else None
    nothing = Undefined if is_non_null_type(field.type) else None
    return _scalar(path, of, nothing) if is_leaf_type(of) else None


def _scalar(path: str, of: GraphQLLeafType, nothing: object) -> Leaf:
    read, complete = attrgetter(path), of.coerce_output_value
    kind = str if _kind(of) is str else None

    def read_leaf(source: object) -> Any:  # noqa: ANN401 - whatever the leaf's type is
        try:
            value = read(source)
            if type(value) is kind:
                return value
            if value is None:
                return nothing
            if not _is_plain(value):
                return Undefined
            completed = complete(value)
        except Exception:  # noqa: BLE001 - graphql-core meets it again and reports it
            return Undefined
        return completed

    return read_leaf


def _texts(path: str) -> Leaf:
    """Reads a list of text: item by item the tags of artifacts took a third of the time."""
    read = attrgetter(path)

    def read_texts(source: object) -> Any:  # noqa: ANN401 - Undefined is of no type
        try:
            texts = read(source)
        except Exception:  # noqa: BLE001 - graphql-core meets it again and reports it
            return Undefined
        if type(texts) not in _LISTS or not _TEXT.issuperset(map(type, texts)):
            return Undefined
        return list(texts)

    return read_texts


def _kind(of: GraphQLNullableType) -> type | None:
    """What type values have that are their own results, as this leaf."""
    if not is_leaf_type(of):
        return None
    return str if of.coerce_output_value is str else _AS_THEY_ARE.get(of)


def _is_plain(value: object) -> bool:
    if type(value) in _SIMPLE:
        return True
    return not (value is NOT_READ or isinstance(value, Exception) or is_awaitable(value))
