"""Draws arguments of fields and directives, as literals or as variables."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_nullable_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)
from hypothesis import strategies as st

Values = Mapping[str, Sequence[Any]]
"""The values of arguments and input fields, by `name: Type`, else by `Type`."""
_T = TypeVar("_T")


@dataclass(frozen=True)
class Chooser:
    """Draws numbers and choices."""

    draw: st.DrawFn

    def choose_number(self, minimum: int, maximum: int) -> int:
        return self.draw(st.integers(minimum, maximum))

    def choose(self, choices: Sequence[_T]) -> _T:
        return self.draw(st.sampled_from(choices))

    def is_one_in(self, count: int) -> bool:
        """Return True in one of `count` cases."""
        return self.choose_number(1, count) == count


@dataclass(frozen=True)
class ArgumentWriter:
    """Writes the arguments of one operation, and collects the variables that they use."""

    chooser: Chooser
    values: Values
    declarations: dict[str, str] = field(default_factory=dict)
    """The types of the variables, some with a default, by `$name`."""
    variables: dict[str, Any] = field(default_factory=dict)
    """The values of those variables that have no default, by name."""

    def write_arguments(self, arguments: Mapping[str, GraphQLArgument]) -> str:
        written = [
            f"{name}: {self._write_argument(name, argument.type)}"
            for name, argument in arguments.items()
            if is_required_argument(argument) or self.chooser.is_one_in(3)
        ]
        return f"({', '.join(written)})" if written else ""

    def write_variable(self, input_type: GraphQLInputType, value: Any) -> str:
        """Declare a variable that has a value, or has it by default; return its use."""
        name = f"v{len(self.declarations)}"
        default = ""
        if not is_non_null_type(input_type) and self.chooser.is_one_in(3):
            default = f" = {_to_literal(value, input_type)}"
        else:
            self.variables[name] = value
        self.declarations[f"${name}"] = f"{input_type}{default}"
        return f"${name}"

    def _write_argument(self, name: str, input_type: GraphQLInputType) -> str:
        value = self._draw_value(name, input_type)
        if self.chooser.is_one_in(3):
            return self.write_variable(input_type, value)
        return _to_literal(value, input_type)

    def _draw_value(self, name: str, input_type: GraphQLInputType) -> Any:
        if not is_non_null_type(input_type) and self.chooser.is_one_in(8):
            return None
        inner: Any = get_nullable_type(input_type)
        if isinstance(inner, GraphQLList):
            count = self.chooser.choose_number(0, 3)
            return [self._draw_value(name, inner.of_type) for _ in range(count)]
        if isinstance(inner, GraphQLInputObjectType):
            return self._draw_object(inner)
        if isinstance(inner, GraphQLEnumType):
            return self.chooser.choose(sorted(inner.values))
        values = self.values.get(f"{name}: {inner}") or self.values[inner.name]
        return self.chooser.choose(values)

    def _draw_object(self, input_type: GraphQLInputObjectType) -> dict[str, Any]:
        fields = input_type.fields
        if input_type.is_one_of:
            name = self.chooser.choose(sorted(fields))
            return {name: self._draw_value(name, GraphQLNonNull(fields[name].type))}
        return {
            name: self._draw_value(name, each.type)
            for name, each in fields.items()
            if is_required_input_field(each) or self.chooser.is_one_in(3)
        }


def _to_literal(value: Any, input_type: GraphQLInputType) -> str:
    """Return a value as a GraphQL literal."""
    inner: Any = get_nullable_type(input_type)
    if value is None:
        return "null"
    if isinstance(inner, GraphQLList):
        return f"[{', '.join(_to_literal(each, inner.of_type) for each in value)}]"
    if isinstance(inner, GraphQLInputObjectType):
        fields = (f"{n}: {_to_literal(v, inner.fields[n].type)}" for n, v in value.items())
        return f"{{{', '.join(fields)}}}"
    return str(value) if isinstance(inner, GraphQLEnumType) else json.dumps(value)
