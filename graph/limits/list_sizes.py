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
    IntValueNode,
    ListValueNode,
    NullValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

CompositeType = GraphQLObjectType | GraphQLInterfaceType | None

_ASSUMED_LENGTH = 5
_MAX_SIZE = 1_000
"""No page is larger. A larger value fails as an argument, with a message about its own limit,
so its price must not be the reason to reject the request."""


class ListSizes:
    """The list sizes of one operation with its variables."""

    def __init__(
        self,
        introspection_sizes: Mapping[str, float],
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self.variable_sizes: dict[str, int | None] = {}
        """The sizes of the variables that have been read, by name."""
        self._introspection_sizes = introspection_sizes
        self._variables = dict(variables)
        for definition in operation.variable_definitions or ():
            if definition.default_value is not None:
                name = definition.variable.name.value
                self._variables.setdefault(name, definition.default_value)

    def estimate(self, node: FieldNode, field: GraphQLField, parent: CompositeType) -> float:
        """Estimate how often the selections of a field are repeated.

        An argument such as `first` has the size; plain lists of objects have an assumed length.
        """
        for name in ("first", "ids", "inputs"):
            if name in field.args:
                return max(1, min(self._read_argument(node, name, field), _MAX_SIZE))
        if node.name.value.startswith("__") or (parent and parent.name.startswith("__")):
            return self._introspection_sizes.get(node.name.value, 1)
        if parent is None or not is_list_type(get_nullable_type(field.type)):
            return 1
        is_composite = is_composite_type(get_named_type(field.type))
        is_plain = parent.interfaces or parent.name == "Change"
        return _ASSUMED_LENGTH if is_plain and is_composite else 1

    def read_variable(self, name: str) -> int | None:
        """Return the size that a variable has, and remember it in `variable_sizes`."""
        size = self.variable_sizes[name] = _to_size(self._variables.get(name))
        return size

    def _read_argument(self, node: FieldNode, name: str, field: GraphQLField) -> int:
        size = None
        for argument in node.arguments or ():
            if argument.name.value == name:
                size = self._read_value(argument.value)
        default = field.args[name].default_value if size is None else size
        return default if isinstance(default, int) else 1

    def _read_value(self, value: ValueNode) -> int | None:
        if isinstance(value, VariableNode):
            return self.read_variable(value.name.value)
        return _to_size(value)


def _to_size(value: Any) -> int | None:  # noqa: ANN401 - a literal, or a client's JSON
    """Return the size that a value is or has; None if it is null, which means the default."""
    if value is None or isinstance(value, NullValueNode):
        return None
    if isinstance(value, IntValueNode):
        return int(value.value[:10])
    if isinstance(value, ListValueNode):
        return len(value.values)
    if isinstance(value, list):
        return len(value)
    return value if isinstance(value, int) else 1


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
