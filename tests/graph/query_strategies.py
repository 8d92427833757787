"""Draws valid documents of one operation for a schema, with the values of their variables."""

import json
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    TypeNameMetaFieldDef,
    get_named_type,
    is_leaf_type,
)
from hypothesis import strategies as st

from tests.graph.argument_strategies import ArgumentWriter, Chooser, Values

Composite = GraphQLObjectType | GraphQLInterfaceType
_META_FIELDS = {
    "__typename": TypeNameMetaFieldDef,
    "__schema": SchemaMetaFieldDef,
    "__type": TypeMetaFieldDef,
}
_MAX_DEPTH = 6
_MAX_FIELDS = 24


@dataclass(frozen=True)
class Request:
    """A document and the values of its variables."""

    query: str
    variables: dict[str, Any]


@st.composite
def requests(
    draw: st.DrawFn,
    schema: GraphQLSchema,
    values: Values,
    *,
    mutation: bool = False,
    excluded: frozenset[str] = frozenset(),
) -> Request:
    """Draw a query or mutation that selects no field of an excluded name."""
    chooser = Chooser(draw)
    writer = _DocumentWriter(schema, excluded, chooser, ArgumentWriter(chooser, values))
    return writer.write_operation(mutation=mutation)


@dataclass
class _DocumentWriter:
    schema: GraphQLSchema
    excluded: frozenset[str]
    chooser: Chooser
    arguments: ArgumentWriter
    remaining: int = _MAX_FIELDS
    """The number of fields that may still be drawn, besides those that must be selected."""
    keys: dict[str, str] = field(default_factory=dict)
    """The field and arguments of each response key, the same everywhere, so fields merge."""
    fragments: dict[str, tuple[Composite, str]] = field(default_factory=dict)
    """The type and the selections of each fragment, by name."""

    def write_operation(self, *, mutation: bool) -> Request:
        root = self.schema.mutation_type if mutation else self.schema.query_type
        assert root is not None
        selections = self._write_selections(root, 0)
        declarations = ", ".join(
            f"{name}: {text}" for name, text in self.arguments.declarations.items()
        )
        operation = ("mutation" if mutation else "query") + " Drawn"
        operation += f"({declarations})" if declarations else ""
        # Fragments are written only where they are used: an unused one is not valid.
        fragments = (
            f"fragment {name} on {condition} {text}"
            for name, (condition, text) in self.fragments.items()
        )
        query = "\n".join([f"{operation} {selections}", *fragments])
        return Request(query, self.arguments.variables)

    def _write_selections(self, parent: Composite, depth: int) -> str:
        flat = (*(self._write_field,) * 4, self._write_spread)
        nested = (*flat, self._write_inline_fragment, self._write_fragment)
        written = [
            self.chooser.choose(nested if depth < _MAX_DEPTH else flat)(parent, depth)
            for _ in range(self.chooser.choose_number(1, 5))
            if self.remaining > 0
        ]
        return f"{{ {' '.join(written) or '__typename'} }}"

    def _write_field(self, parent: Composite, depth: int) -> str:
        self.remaining -= 1
        name = self.chooser.choose(self._find_selectable_names(parent, depth))
        definition = _get_definition(parent, name)
        arguments = self.arguments.write_arguments(definition.args)
        key = self._choose_key(name, arguments)
        alias = "" if key == name else f"{key}: "
        written = f"{alias}{name}{arguments}{self._write_directive()}"
        field_type = get_named_type(definition.type)
        if isinstance(field_type, Composite):
            written += f" {self._write_selections(field_type, depth + 1)}"
        return written

    def _write_inline_fragment(self, parent: Composite, depth: int) -> str:
        condition = self.chooser.choose([None, *self._find_overlapping_types(parent)])
        on = f" on {condition}" if condition else ""
        directive = self._write_directive()
        return f"...{on}{directive} {self._write_selections(condition or parent, depth + 1)}"

    def _write_fragment(self, parent: Composite, depth: int) -> str:
        """Write a new fragment, and return its first spread."""
        condition = self.chooser.choose(self._find_overlapping_types(parent))
        selections = self._write_selections(condition, depth + 1)
        name = f"F{len(self.fragments)}"
        self.fragments[name] = condition, selections
        return f"...{name}{self._write_directive()}"

    def _write_spread(self, parent: Composite, depth: int) -> str:
        """Spread a fragment that is complete, so that none contains itself; else a field."""
        overlapping = self._find_overlapping_types(parent)
        names = [name for name, (on, _) in self.fragments.items() if on in overlapping]
        if not names:
            return self._write_field(parent, depth)
        return f"...{self.chooser.choose(names)}{self._write_directive()}"

    def _write_directive(self) -> str:
        if not self.chooser.is_one_in(8):
            return ""
        name, skips = self.chooser.choose([("skip", True), ("include", False)])
        condition = self.chooser.is_one_in(2) == skips
        if self.chooser.is_one_in(2):
            return f" @{name}(if: {json.dumps(condition)})"
        return f" @{name}(if: {self.arguments.write_variable(self._get_boolean(), condition)})"

    def _get_boolean(self) -> GraphQLInputType:
        boolean: Any = self.schema.type_map["Boolean"]
        return GraphQLNonNull(boolean)

    def _choose_key(self, name: str, arguments: str) -> str:
        """Choose a key that has the same field and arguments everywhere in the document."""
        number = self.chooser.choose_number
        keys = [f"{name}_{number(0, 2)}" if self.chooser.is_one_in(3) else name]
        keys += [f"{name}_{n}" for n in range(len(self.keys) + 1)]
        selected = f"{name}{arguments}"
        key = next(key for key in keys if self.keys.get(key, selected) == selected)
        self.keys[key] = selected
        return key

    def _find_selectable_names(self, parent: Composite, depth: int) -> list[str]:
        """Return the names of fields that may be selected; at the greatest depth, of leaves."""
        meta = ["__typename"]
        if parent is self.schema.query_type:
            meta += ["__schema", "__type"]
        fields = sorted(parent.fields.keys() - self.excluded)
        names = [*fields, *fields, *meta]
        if depth < _MAX_DEPTH and self.remaining > 0:
            return names
        return [
            name
            for name in names
            if is_leaf_type(get_named_type(_get_definition(parent, name).type))
        ]

    def _find_overlapping_types(self, parent: Composite) -> list[Composite]:
        """Return the types that an object of the parent type may be of."""
        possible = self._find_possible_names(parent)
        return [
            each
            for each in self.schema.type_map.values()
            if isinstance(each, Composite) and possible & self._find_possible_names(each)
        ]

    def _find_possible_names(self, composite: Composite) -> set[str]:
        if isinstance(composite, GraphQLObjectType):
            return {composite.name}
        return {each.name for each in self.schema.get_possible_types(composite)}


def _get_definition(parent: Composite, name: str) -> GraphQLField:
    return _META_FIELDS[name] if name in _META_FIELDS else parent.fields[name]
