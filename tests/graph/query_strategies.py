"""Draws valid documents for a schema: whatever a client may ask, with its variables."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    TypeNameMetaFieldDef,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)
from hypothesis import strategies as st

Composite = GraphQLObjectType | GraphQLInterfaceType
Values = Mapping[str, Sequence[Any]]
"""What arguments and input fields are given, by `name: Type`, else by `Type`."""
_T = TypeVar("_T")
_DEEPEST = 6


@dataclass(frozen=True)
class Asked:
    """A document and its variables."""

    query: str
    variables: dict[str, Any]


@st.composite
def documents(
    draw: st.DrawFn,
    schema: GraphQLSchema,
    values: Values,
    *,
    mutating: bool = False,
    without: frozenset[str] = frozenset(),
) -> Asked:
    """A valid document of one operation, without fields of some names."""
    return _Writer(draw, schema, values, without).operation(mutating=mutating)


@dataclass
class _Writer:
    draw: st.DrawFn
    schema: GraphQLSchema
    values: Values
    without: frozenset[str]
    left: int = 24
    """How many fields may still be drawn, but for what must be selected of the last ones."""
    asked: dict[str, str] = field(default_factory=dict)
    """What each key of an answer stands for, wherever it occurs, so that any two merge."""
    fragments: dict[str, tuple[Composite, str]] = field(default_factory=dict)
    declared: dict[str, str] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)

    def operation(self, *, mutating: bool) -> Asked:
        root = self.schema.mutation_type if mutating else self.schema.query_type
        assert root is not None
        selected = self._selections(root, 0)
        declared = ", ".join(f"{name}: {of}" for name, of in self.declared.items())
        kind = f"{'mutation' if mutating else 'query'} Drawn" + (
            f"({declared})" if declared else ""
        )
        # Fragments are written only where they are used: an unused one is not valid.
        fragments = (
            f"fragment {name} on {of} {text}" for name, (of, text) in self.fragments.items()
        )
        return Asked("\n".join([f"{kind} {selected}", *fragments]), self.given)

    def _selections(self, of: Composite, depth: int) -> str:
        draw_one = (self._field, self._field, self._field, self._field, self._spread)
        nested = (*draw_one, self._inline, self._fragment)
        written = [
            self._one_of(nested if depth < _DEEPEST else draw_one)(of, depth)
            for _ in range(self._number(1, 5))
            if self.left > 0
        ]
        return f"{{ {' '.join(written) or '__typename'} }}"

    def _field(self, of: Composite, depth: int) -> str:
        self.left -= 1
        name = self._one_of(self._names(of, depth))
        defined = self._definition(of, name)
        arguments = self._arguments(defined.args)
        key = self._key(name, arguments)
        written = (name if key == name else f"{key}: {name}") + arguments + self._directive()
        inside = get_named_type(defined.type)
        if isinstance(inside, Composite):
            written += f" {self._selections(inside, depth + 1)}"
        return written

    def _inline(self, of: Composite, depth: int) -> str:
        on = self._one_of([None, *self._overlapping(of)])
        condition = f" on {on}" if on else ""
        return f"...{condition}{self._directive()} {self._selections(on or of, depth + 1)}"

    def _fragment(self, of: Composite, depth: int) -> str:
        on = self._one_of(self._overlapping(of))
        text = self._selections(on, depth + 1)
        name = f"F{len(self.fragments)}"
        self.fragments[name] = on, text
        return f"...{name}{self._directive()}"

    def _spread(self, of: Composite, depth: int) -> str:
        """A fragment once more, which was written before, so that none contains itself."""
        overlapping = self._overlapping(of)
        known = [name for name, (on, _) in self.fragments.items() if on in overlapping]
        if not known:
            return self._field(of, depth)
        return f"...{self._one_of(known)}{self._directive()}"

    def _names(self, of: Composite, depth: int) -> list[str]:
        """What can be selected: at the bottom, leaves alone."""
        meta = ["__typename"]
        if of is self.schema.query_type:
            meta += ["__schema", "__type"]
        fields = sorted(of.fields.keys() - self.without)
        names = [*fields, *fields, *meta]
        if depth < _DEEPEST and self.left > 0:
            return names
        return [name for name in names if is_leaf_type(self._named(of, name))]

    def _named(self, of: Composite, name: str) -> GraphQLNamedType:
        return get_named_type(self._definition(of, name).type)

    def _definition(self, of: Composite, name: str) -> GraphQLField:
        meta = {
            "__typename": TypeNameMetaFieldDef,
            "__schema": SchemaMetaFieldDef,
            "__type": TypeMetaFieldDef,
        }
        return meta[name] if name in meta else of.fields[name]

    def _overlapping(self, of: Composite) -> list[Composite]:
        possible = self._possible(of)
        return [
            each
            for each in self.schema.type_map.values()
            if isinstance(each, Composite) and possible & self._possible(each)
        ]

    def _possible(self, of: Composite) -> set[str]:
        if isinstance(of, GraphQLObjectType):
            return {of.name}
        return {each.name for each in self.schema.get_possible_types(of)}

    def _key(self, name: str, arguments: str) -> str:
        """A key that stands for these arguments everywhere in the document."""
        keys = [name] if self._chance(3) else [f"{name}_{self._number(0, 2)}"]
        keys += [f"{name}_{n}" for n in range(len(self.asked) + 1)]
        asked = f"{name}{arguments}"
        key = next(key for key in keys if self.asked.get(key, asked) == asked)
        self.asked[key] = asked
        return key

    def _directive(self) -> str:
        if not self._one_in(8):
            return ""
        name, skips = self._one_of([("skip", True), ("include", False)])
        condition = self._one_in(2) == skips
        if self._one_in(2):
            return f" @{name}(if: {json.dumps(condition)})"
        return f" @{name}(if: {self._variable(_boolean_of(self.schema), condition)})"

    def _arguments(self, of: Mapping[str, GraphQLArgument]) -> str:
        written = [
            f"{name}: {self._argument(name, argument.type)}"
            for name, argument in of.items()
            if is_required_argument(argument) or self._one_in(3)
        ]
        return f"({', '.join(written)})" if written else ""

    def _argument(self, name: str, of: GraphQLInputType) -> str:
        value = self._value(name, of)
        return self._variable(of, value) if self._one_in(3) else _written(value, of)

    def _variable(self, of: GraphQLInputType, value: Any) -> str:
        name = f"v{len(self.declared)}"
        default = ""
        if not is_non_null_type(of) and self._one_in(3):
            default = f" = {_written(value, of)}"
        else:
            self.given[name] = value
        self.declared[f"${name}"] = f"{of}{default}"
        return f"${name}"

    def _value(self, name: str, of: GraphQLInputType) -> Any:
        if not is_non_null_type(of) and self._one_in(8):
            return None
        inner: Any = get_nullable_type(of)
        if isinstance(inner, GraphQLList):
            return [self._value(name, inner.of_type) for _ in range(self._number(0, 3))]
        if isinstance(inner, GraphQLInputObjectType):
            return self._object(inner)
        if isinstance(inner, GraphQLEnumType):
            return self._one_of(sorted(inner.values))
        return self._one_of(self.values.get(f"{name}: {inner}") or self.values[inner.name])

    def _object(self, of: GraphQLInputObjectType) -> dict[str, Any]:
        if of.is_one_of:
            name = self._one_of(sorted(of.fields))
            return {name: self._value(name, GraphQLNonNull(of.fields[name].type))}
        return {
            name: self._value(name, each.type)
            for name, each in of.fields.items()
            if is_required_input_field(each) or self._one_in(3)
        }

    def _number(self, least: int, most: int) -> int:
        return self.draw(st.integers(least, most))

    def _one_of(self, choices: Sequence[_T]) -> _T:
        return self.draw(st.sampled_from(choices))

    def _one_in(self, count: int) -> bool:
        return self._number(1, count) == count

    def _chance(self, count: int) -> bool:
        """All but one in `count`."""
        return not self._one_in(count)


def _boolean_of(schema: GraphQLSchema) -> GraphQLInputType:
    boolean: Any = schema.type_map["Boolean"]
    return GraphQLNonNull(boolean)


def _written(value: Any, of: GraphQLInputType) -> str:
    """A value in GraphQL's own language."""
    inner: Any = get_nullable_type(of)
    if value is None:
        return "null"
    if isinstance(inner, GraphQLList):
        return f"[{', '.join(_written(each, inner.of_type) for each in value)}]"
    if isinstance(inner, GraphQLInputObjectType):
        fields = (f"{n}: {_written(each, inner.fields[n].type)}" for n, each in value.items())
        return f"{{{', '.join(fields)}}}"
    return str(value) if isinstance(inner, GraphQLEnumType) else json.dumps(value)
