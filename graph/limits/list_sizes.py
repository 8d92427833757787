"""How often a field is repeated, as far as that is known before anything is read."""

from collections.abc import Collection, Mapping
from math import ceil
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
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

Composite = GraphQLObjectType | GraphQLInterfaceType | None

_ASSUMED_LENGTH = 5
_MAX_SIZE = 1_000
"""No page is larger: whoever asks for more is told so, and not that the price is too high."""


class ListSizes:
    """How often the fields of an operation are repeated."""

    def __init__(
        self,
        introspected: Mapping[str, float],
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self.asked: dict[str, int] = {}
        """What variables were asked for, and what sizes they said."""
        self._introspected = introspected
        self._variables = dict(variables)
        for definition in operation.variable_definitions or ():
            if definition.default_value is not None:
                name = definition.variable.name.value
                self._variables.setdefault(name, definition.default_value)

    def times(self, node: FieldNode, field: GraphQLField, of: Composite) -> float:
        """How often what is below a field counts: by what it asks for, or as lists go."""
        for name in ("first", "ids", "inputs"):
            if name in field.args:
                return max(1, min(self._asked(node, name, field), _MAX_SIZE))
        if node.name.value.startswith("__") or (of and of.name.startswith("__")):
            return self._introspected.get(node.name.value, 1)
        if of is None or not is_list_type(get_nullable_type(field.type)):
            return 1
        composite = is_composite_type(get_named_type(field.type))
        return _ASSUMED_LENGTH if of.interfaces and composite else 1

    def _asked(self, node: FieldNode, name: str, field: GraphQLField) -> int:
        for argument in node.arguments or ():
            if argument.name.value == name:
                return self._number(argument.value)
        default = field.args[name].default_value
        return default if isinstance(default, int) else 1

    def of_variable(self, name: str) -> int:
        """The size that a variable says."""
        size = self.asked[name] = _size(self._variables.get(name))
        return size

    def _number(self, value: ValueNode) -> int:
        return (
            self.of_variable(value.name.value)
            if isinstance(value, VariableNode)
            else _size(value)
        )


def _size(given: Any) -> int:  # noqa: ANN401 - a literal, or whatever a client sent
    if isinstance(given, IntValueNode):
        return int(given.value[:10])
    if isinstance(given, ListValueNode):
        return len(given.values)
    if isinstance(given, list):
        return len(given)
    return given if isinstance(given, int) else 1


def introspected(schema: GraphQLSchema) -> Mapping[str, float]:
    """How often fields of introspection are repeated: all types, and of each what is usual.

    A field of introspection takes three times as long as another one.
    """
    types = list(schema.type_map.values())
    outputs = (GraphQLObjectType, GraphQLInterfaceType)
    fields = sum(len(of.fields) for of in types if isinstance(of, outputs))
    inputs = sum(len(of.fields) for of in types if isinstance(of, GraphQLInputObjectType))
    return {
        "__schema": 3,
        "__type": 3,
        "types": len(types),
        "directives": len(schema.directives),
        "fields": ceil(fields / len(types)),
        "inputFields": ceil(inputs / len(types)),
        "ofType": 0.5,
    }


def nested_values(variables: Mapping[str, Any]) -> int:
    """How many values stand in the lists and objects of the variables."""
    count = -len(variables)
    left: list[Collection[Any]] = [variables.values()]
    while left:
        values = left.pop()
        count += len(values)
        for value in values:
            if isinstance(value, dict):
                left.append(value.values())
            elif isinstance(value, list):
                left.append(value)
    return count
