"""The arguments of a document's fields, as far as its price depends on them."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

Variables = Mapping[str, Any]
_T = TypeVar("_T")
_MAX_DIGITS = 10


class Measurement(NamedTuple):
    """What was measured of a field's arguments, from which a price was computed."""

    measure: Callable[[Variables], object]
    result: object

    def is_same(self, variables: Variables) -> bool:
        """Return whether other variables measure the same."""
        return self.measure(variables) == self.result


class ArgumentReader:
    """Measures the arguments of one operation with its variables, none of them validated."""

    def __init__(self, operation: OperationDefinitionNode, variables: Variables) -> None:
        self.measurements: list[Measurement] = []
        """What was measured of arguments with variables."""
        self.variables = dict(variables)
        """The variables, also those that have their default values."""
        for definition in operation.variable_definitions or ():
            if definition.default_value is not None:
                name, default = definition.variable.name.value, definition.default_value
                if name not in self.variables:
                    self.variables[name] = to_value(default, {})

    def measure(
        self, node: FieldNode, names: tuple[str, ...], measure: Callable[[Variables], _T]
    ) -> _T:
        """Return what `measure` makes of the arguments with these names.

        Arguments that are left out are missing in what it gets.
        """
        given = [a for a in node.arguments or () if a.name.value in names]

        def measure_with(variables: Variables) -> _T:
            return measure({a.name.value: to_value(a.value, variables) for a in given})

        result = measure_with(self.variables)
        if any(_has_variable(argument.value) for argument in given):
            self.measurements.append(Measurement(measure_with, result))
        return result


def to_value(node: ValueNode, variables: Variables) -> Any:  # noqa: ANN401 - a client's JSON
    """Return the JSON value of a literal; of a large number only the first digits."""
    match node:
        case VariableNode():
            return variables.get(node.name.value)
        case ListValueNode():
            return [to_value(each, variables) for each in node.values]
        case ObjectValueNode():
            return {each.name.value: to_value(each.value, variables) for each in node.fields}
        case IntValueNode():
            return int(node.value[:_MAX_DIGITS])
        case StringValueNode() | EnumValueNode() | FloatValueNode() | BooleanValueNode():
            return node.value
        case _:
            return None


def _has_variable(node: ValueNode) -> bool:
    if isinstance(node, ListValueNode):
        return any(_has_variable(each) for each in node.values)
    if isinstance(node, ObjectValueNode):
        return any(_has_variable(each.value) for each in node.fields)
    return isinstance(node, VariableNode)
