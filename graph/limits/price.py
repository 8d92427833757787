"""What a request costs: a price that is known before anything is validated, read or written.

A field costs 1, and what is selected below it counts as often as the field says it will be
repeated: by the page size asked for, by the length of `ids` or `inputs`, by 5 for a plain list
whose length nobody knows. A directive costs 1, and so does every value in a list or an object
of the variables; a mutation costs 20 for each input. Fragments are priced once, so the price
is found in one pass.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

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
    OperationDefinitionNode,
    OperationType,
    SchemaMetaFieldDef,
    SelectionNode,
    SelectionSetNode,
    TypeMetaFieldDef,
    get_named_type,
)

from graph.limits.list_sizes import Composite, ListSizes, introspected, nested_values

UNPAYABLE = 10**9
"""No price is higher: prices of absurd documents must not become absurd numbers."""
_WRITE = 20
_MAX_NESTING = 200
"""Deeper than graphql-core lets a document nest, fragments included."""


class Price(NamedTuple):
    """What an operation, or a part of one, costs."""

    cost: int
    depth: int = 0
    """How deep its fields are nested."""
    aliases: int = 0
    """How many of its fields have aliases; those of a fragment count wherever it is spread."""


def _together(parts: Sequence[Price], extra: int = 0) -> Price:
    """The price of parts that stand beside each other."""
    cost = extra + sum(part.cost for part in parts)
    aliases = sum(part.aliases for part in parts)
    depth = max((part.depth for part in parts), default=0)
    return Price(min(cost, UNPAYABLE), depth, min(aliases, UNPAYABLE))


class Prices:
    """The prices of operations of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._introspected = introspected(schema)

    def among(self, document: DocumentNode) -> "Pricing":
        """The prices of a document's operations; to be kept with it."""
        return Pricing(self._schema, self._introspected, document)


class Pricing:
    """Finds what operations of a document cost.

    What they cost last is kept with the sizes that variables then asked for: clients ask for
    the same again.
    """

    def __init__(
        self, schema: GraphQLSchema, introspected: Mapping[str, float], document: DocumentNode
    ) -> None:
        self._schema = schema
        self._introspected = introspected
        self._document = document
        self._known: dict[int, tuple[Mapping[str, int], Price]] = {}

    def __call__(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> Price:
        """The price of an operation."""
        extra = nested_values(variables) + _directives(operation)
        return _together([self._selected(operation, variables)], extra)

    def _selected(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> Price:
        sizes = ListSizes(self._introspected, operation, variables)
        if known := self._known.get(id(operation)):
            asked, price = known
            if all(sizes.of_variable(name) == size for name, size in asked.items()):
                return price
        price = _Walk(self._schema, self._document, sizes).of(operation)
        self._known[id(operation)] = sizes.asked, price
        return price


class _Walk:
    """Goes through an operation once."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, sizes: ListSizes) -> None:
        self._schema = schema
        self._sizes = sizes
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._prices: dict[str, Price] = {}

    def of(self, operation: OperationDefinitionNode) -> Price:
        mutates = operation.operation is OperationType.MUTATION
        root = self._schema.mutation_type if mutates else self._schema.query_type
        return self._of_selections(operation.selection_set, root, 1)

    def _of_selections(self, selected: SelectionSetNode, of: Composite, nesting: int) -> Price:
        if nesting > _MAX_NESTING:
            return Price(UNPAYABLE)
        return _together([self._of_selection(n, of, nesting) for n in selected.selections])

    def _of_selection(self, node: SelectionNode, of: Composite, nesting: int) -> Price:
        if isinstance(node, FieldNode):
            found = self._of_field(node, of, nesting)
        elif isinstance(node, FragmentSpreadNode):
            found = self._of_fragment(node.name.value, nesting)
        elif isinstance(node, InlineFragmentNode):
            on = node.type_condition
            inside = self._type(on.name.value) if on else of
            found = self._of_selections(node.selection_set, inside, nesting + 1)
        else:
            found = Price(0)
        return _together([found], _directives(node)) if node.directives else found

    def _of_field(self, node: FieldNode, of: Composite, nesting: int) -> Price:
        field = self._field(node.name.value, of)
        times = self._sizes.times(node, field, of) if field else 1
        aliases = int(node.alias is not None)
        itself = int(_WRITE * times) if of is self._schema.mutation_type else 1
        if node.selection_set is None:
            return Price(itself, 1, aliases)
        inside = get_named_type(field.type) if field else None
        composite = (
            inside if isinstance(inside, GraphQLObjectType | GraphQLInterfaceType) else None
        )
        below = self._of_selections(node.selection_set, composite, nesting + 1)
        cost = min(itself + int(times * below.cost), UNPAYABLE)
        return Price(cost, 1 + below.depth, aliases + below.aliases)

    def _of_fragment(self, name: str, nesting: int) -> Price:
        """The price of a fragment; of an unknown one, or within itself, nothing."""
        if name not in self._prices and name in self._fragments:
            fragment = self._fragments[name]
            self._prices[name] = Price(0)
            on = self._type(fragment.type_condition.name.value)
            inside = self._of_selections(fragment.selection_set, on, nesting + 1)
            self._prices[name] = _together([inside], _directives(fragment))
        return self._prices.get(name, Price(0))

    def _field(self, name: str, of: Composite) -> GraphQLField | None:
        if of is self._schema.query_type and name in ("__schema", "__type"):
            return SchemaMetaFieldDef if name == "__schema" else TypeMetaFieldDef
        return of.fields.get(name) if of is not None else None

    def _type(self, name: str) -> Composite:
        found = self._schema.get_type(name)
        return found if isinstance(found, GraphQLObjectType | GraphQLInterfaceType) else None


def _directives(node: OperationDefinitionNode | FragmentDefinitionNode | SelectionNode) -> int:
    return len(node.directives or ())
