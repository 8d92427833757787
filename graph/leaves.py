"""Leaves that are attributes of their objects: read and completed in one go."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLID,
    GraphQLNamedType,
    GraphQLString,
    Undefined,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
)

from graph.awaiting import is_awaitable
from graph.resolvers import reader

Leaf = Callable[[object], Any]
"""Reads a field and completes it; Undefined where that must go graphql-core's own way."""

_AS_THEY_ARE: dict[GraphQLNamedType, type] = {
    GraphQLString: str,
    GraphQLID: str,
    GraphQLBoolean: bool,
}
"""Leaves whose values, when they are of just this type, are their own result."""
_SIMPLE = frozenset({str, bool, int, float, datetime})
"""Types whose values are neither errors nor to be waited for."""


def leaf(field: GraphQLField) -> Leaf | None:
    """How a field is read and completed; None where it is no leaf, or has a resolver."""
    of, read = get_nullable_type(field.type), reader(field)
    if read is None or not is_leaf_type(of):
        return None
    as_it_is, complete = _AS_THEY_ARE.get(of), of.coerce_output_value
    nothing = Undefined if is_non_null_type(field.type) else None

    def read_leaf(source: object) -> Any:  # noqa: ANN401 - whatever the leaf's type is
        try:
            value = read(source)
            if type(value) is as_it_is:
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


def _is_plain(value: object) -> bool:
    return type(value) in _SIMPLE or not (isinstance(value, Exception) or is_awaitable(value))
