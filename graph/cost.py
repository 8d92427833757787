"""What a request costs: a price that is known before anything is validated, read or written.

A field costs 1, and what is selected below it counts as often as the field says it will be
repeated: by the page size asked for, by the length of `ids` or `inputs`, by 5 for a plain list
whose length nobody knows. Fragments are priced once, so the price is found in one pass.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SchemaMetaFieldDef,
    SelectionNode,
    SelectionSetNode,
    TypeMetaFieldDef,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

UNPAYABLE = 10**9
"""No price is higher: prices of absurd documents must not become absurd numbers."""
_ASSUMED_LENGTH = 5
_MAX_SIZE = 1_000
"""No page is larger: whoever asks for more is told so, and not that the price is too high."""
_MAX_DEPTH = 200
"""Deeper than graphql-core lets a document nest, fragments included."""

_Composite = GraphQLObjectType | GraphQLInterfaceType | None


def price(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> int:
    """The price of an operation, at most UNPAYABLE."""
    return _Pricing(schema, document, operation, variables).total()


class _Pricing:
    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._variables = dict(variables)
        for definition in operation.variable_definitions or ():
            if definition.default_value is not None:
                name = definition.variable.name.value
                self._variables.setdefault(name, definition.default_value)
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._prices: dict[str, int] = {}

    def total(self) -> int:
        mutates = self._operation.operation is OperationType.MUTATION
        root = self._schema.mutation_type if mutates else self._schema.query_type
        return self._of_selections(self._operation.selection_set, root, 1)

    def _of_selections(self, selected: SelectionSetNode, of: _Composite, depth: int) -> int:
        if depth > _MAX_DEPTH:
            return UNPAYABLE
        total = sum(self._of_selection(node, of, depth) for node in selected.selections)
        return min(total, UNPAYABLE)

    def _of_selection(self, node: SelectionNode, of: _Composite, depth: int) -> int:
        if isinstance(node, FieldNode):
            return self._of_field(node, of, depth)
        if isinstance(node, FragmentSpreadNode):
            return self._of_fragment(node.name.value, depth)
        if isinstance(node, InlineFragmentNode):
            on = node.type_condition
            inside = self._type(on.name.value) if on else of
            return self._of_selections(node.selection_set, inside, depth + 1)
        return 0

    def _of_field(self, node: FieldNode, of: _Composite, depth: int) -> int:
        field = self._field(node.name.value, of)
        if node.selection_set is None:
            return 1
        inside = get_named_type(field.type) if field else None
        composite = (
            inside if isinstance(inside, GraphQLObjectType | GraphQLInterfaceType) else None
        )
        below = self._of_selections(node.selection_set, composite, depth + 1)
        times = self._times(node, field, of) if field else 1
        return min(1 + times * below, UNPAYABLE)

    def _of_fragment(self, name: str, depth: int) -> int:
        """The price of a fragment; of an unknown one, or within itself, nothing."""
        if name not in self._prices and name in self._fragments:
            fragment = self._fragments[name]
            self._prices[name] = 0
            on = self._type(fragment.type_condition.name.value)
            self._prices[name] = self._of_selections(fragment.selection_set, on, depth + 1)
        return self._prices.get(name, 0)

    def _times(self, node: FieldNode, field: GraphQLField, of: _Composite) -> int:
        """How often what is below a field counts."""
        sizes = [
            self._size(node, name, field)
            for name in ("first", "ids", "inputs")
            if name in field.args
        ]
        if sizes:
            return max(1, min(sizes[0], _MAX_SIZE))
        repeats = of is not None and (of.interfaces or of.name.startswith("__"))
        plain = is_list_type(get_nullable_type(field.type)) and is_composite_type(
            get_named_type(field.type)
        )
        return _ASSUMED_LENGTH if repeats and plain else 1

    def _size(self, node: FieldNode, name: str, field: GraphQLField) -> int:
        for argument in node.arguments or ():
            if argument.name.value == name:
                return self._number(argument.value)
        default = field.args[name].default_value
        return default if isinstance(default, int) else 1

    def _number(self, value: ValueNode) -> int:
        given: Any = value
        if isinstance(given, VariableNode):
            given = self._variables.get(given.name.value)
        if isinstance(given, IntValueNode):
            return int(given.value[:10])
        if isinstance(given, ListValueNode):
            return len(given.values)
        if isinstance(given, list):
            return len(given)
        return given if isinstance(given, int) else 1

    def _field(self, name: str, of: _Composite) -> GraphQLField | None:
        if of is self._schema.query_type and name in ("__schema", "__type"):
            return SchemaMetaFieldDef if name == "__schema" else TypeMetaFieldDef
        return of.fields.get(name) if of is not None else None

    def _type(self, name: str) -> _Composite:
        found = self._schema.get_type(name)
        return found if isinstance(found, GraphQLObjectType | GraphQLInterfaceType) else None
