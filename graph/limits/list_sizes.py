"""List sizes: how often the fields of an operation are repeated, estimated before execution."""

from collections.abc import Collection, Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

from graph.limits.arguments import ArgumentReader
from graph.limits.lineage_price import LIST_LENGTHS
from graph.limits.listing_price import is_listing

CompositeType = GraphQLObjectType | GraphQLInterfaceType | None

_ASSUMED_LENGTH = 5
_PAGE = 20
"""The size of a page without `first` and `last`."""
_MAX_SIZE = 1_000
"""No page is larger. A larger value fails as an argument, with a message about its own limit,
so its price must not be the reason to reject the request."""


class ListSizes:
    """The list sizes of one operation with its variables."""

    def __init__(
        self, introspection_sizes: Mapping[str, float], arguments: ArgumentReader
    ) -> None:
        self._introspection_sizes = introspection_sizes
        self._arguments = arguments

    def estimate(self, node: FieldNode, field: GraphQLField, parent: CompositeType) -> float:
        """Estimate how often the selections of a field are repeated.

        An argument such as `first` has the size; plain lists of objects have an assumed length.
        """
        if is_listing(field):
            sizes = [self._read_size(node, name) for name in ("first", "last")]
            given = [size for size in sizes if size is not None]
            return _limit(max(given, default=_PAGE))
        for name in ("first", "ids", "inputs"):
            if name in field.args:
                size, default = self._read_size(node, name), field.args[name].default_value
                if size is None:
                    size = default if isinstance(default, int) else 1
                return _limit(size)
        if node.name.value.startswith("__") or (parent and parent.name.startswith("__")):
            return self._introspection_sizes.get(node.name.value, 1)
        if parent is None or not is_list_type(get_nullable_type(field.type)):
            return 1
        is_composite = is_composite_type(get_named_type(field.type))
        is_plain = parent.interfaces or parent.name == "Change"
        length = _ASSUMED_LENGTH if is_plain else LIST_LENGTHS.get(parent.name, 1)
        return length if is_composite else 1

    def _read_size(self, node: FieldNode, name: str) -> int | None:
        return self._arguments.measure(node, (name,), lambda given: _to_size(given.get(name)))


def _limit(size: int) -> int:
    return max(1, min(size, _MAX_SIZE))


def _to_size(value: Any) -> int | None:  # noqa: ANN401 - a client's JSON
    """Return the size that a value is or has; None if it is null, which means the default."""
    if isinstance(value, list):
        return len(value)
    return value if isinstance(value, int) or value is None else 1


def estimate_introspection_sizes(schema: GraphQLSchema) -> Mapping[str, float]:
    """Return how often the fields of introspection are repeated, by name.

    Lists of the schema have their length, lists of a type the average length. A field of
    introspection takes three times as long as others, hence the factor at the root.
    """
    types = list(schema.type_map.values())
    output_types = (GraphQLObjectType, GraphQLInterfaceType)
    fields = sum(len(type_.fields) for type_ in types if isinstance(type_, output_types))
    input_fields = sum(
        len(type_.fields) for type_ in types if isinstance(type_, GraphQLInputObjectType)
    )
    return {
        "__schema": 3,
        "__type": 3,
        "types": len(types),
        "directives": len(schema.directives),
        "fields": fields / len(types),
        "inputFields": input_fields / len(types),
        "ofType": 0.5,
    }


def count_nested_values(variables: Mapping[str, Any]) -> int:
    """Return the number of values inside the lists and objects of the variables."""
    count = -len(variables)
    remaining: list[Collection[Any]] = [variables.values()]
    while remaining:
        values = remaining.pop()
        count += len(values)
        for value in values:
            if isinstance(value, dict):
                remaining.append(value.values())
            elif isinstance(value, list):
                remaining.append(value)
    return count
