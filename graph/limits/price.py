"""The price of an operation, known before anything is validated, read or written.

A field costs 1, and its selections are multiplied by its estimated list size: the page size,
the length of `ids` or `inputs`, or 5 for a plain list. A directive costs 1, and so does each
value in a list or an object of the variables; a mutation costs 20 for each input. A page of
changes costs 100, because its filter may leave out most of the changes that it reads. Each
fragment is priced once, so that one pass is enough.
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

from graph.limits.list_sizes import (
    CompositeType,
    ListSizes,
    count_nested_values,
    estimate_introspection_sizes,
)

MAX_PRICE = 10**9
"""The maximum that is computed; it keeps the numbers of extreme documents small."""
_MUTATION_COST = 20
_CHANGES_COST = 100
_CHANGES_FIELDS = frozenset({"changes", "recentChanges"})
"""Fields of Query that read pages of changes."""
_MAX_NESTING = 200
"""More than graphql-core lets a document nest, fragments included."""


class Price(NamedTuple):
    """The price of an operation or of a part of one."""

    cost: int
    depth: int = 0
    """The depth of nested fields."""
    aliases: int = 0
    """The number of fields with an alias; those of a fragment count at each spread."""


def _sum_prices(prices: Sequence[Price], additional_cost: int = 0) -> Price:
    """Return the price of selections that are siblings."""
    cost = additional_cost + sum(price.cost for price in prices)
    aliases = sum(price.aliases for price in prices)
    depth = max((price.depth for price in prices), default=0)
    return Price(min(cost, MAX_PRICE), depth, min(aliases, MAX_PRICE))


class SchemaPrices:
    """The prices of the operations of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._introspection_sizes = estimate_introspection_sizes(schema)

    def for_document(self, document: DocumentNode) -> "DocumentPrices":
        """Return the prices of a document's operations; keep it with the document."""
        return DocumentPrices(self._schema, self._introspection_sizes, document)


class DocumentPrices:
    """The prices of the operations of one document.

    The last price of each operation is cached with the variables' sizes that it depends on,
    because clients mostly send the same sizes again.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        introspection_sizes: Mapping[str, float],
        document: DocumentNode,
    ) -> None:
        self._schema = schema
        self._introspection_sizes = introspection_sizes
        self._document = document
        self._cache: dict[int, tuple[Mapping[str, int | None], Price]] = {}

    def __call__(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> Price:
        """Return the price of an operation."""
        additional_cost = count_nested_values(variables) + _count_directives(operation)
        return _sum_prices([self._price_selections(operation, variables)], additional_cost)

    def _price_selections(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> Price:
        sizes = ListSizes(self._introspection_sizes, operation, variables)
        if cached := self._cache.get(id(operation)):
            variable_sizes, price = cached
            if all(sizes.read_variable(name) == n for name, n in variable_sizes.items()):
                return price
        price = _OperationPricer(self._schema, self._document, sizes).price(operation)
        self._cache[id(operation)] = sizes.variable_sizes, price
        return price


class _OperationPricer:
    """Computes the price of one operation, in one pass."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, sizes: ListSizes) -> None:
        self._schema = schema
        self._sizes = sizes
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._fragment_prices: dict[str, Price] = {}

    def price(self, operation: OperationDefinitionNode) -> Price:
        is_mutation = operation.operation is OperationType.MUTATION
        root = self._schema.mutation_type if is_mutation else self._schema.query_type
        return self._price_selection_set(operation.selection_set, root, 1)

    def _price_selection_set(
        self, selection_set: SelectionSetNode, parent: CompositeType, nesting: int
    ) -> Price:
        if nesting > _MAX_NESTING:
            return Price(MAX_PRICE)
        return _sum_prices(
            [self._price_selection(node, parent, nesting) for node in selection_set.selections]
        )

    def _price_selection(
        self, node: SelectionNode, parent: CompositeType, nesting: int
    ) -> Price:
        if isinstance(node, FieldNode):
            price = self._price_field(node, parent, nesting)
        elif isinstance(node, FragmentSpreadNode):
            price = self._price_fragment(node.name.value, nesting)
        elif isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            type_ = self._get_composite_type(condition.name.value) if condition else parent
            price = self._price_selection_set(node.selection_set, type_, nesting + 1)
        else:
            price = Price(0)
        return _sum_prices([price], _count_directives(node)) if node.directives else price

    def _price_field(self, node: FieldNode, parent: CompositeType, nesting: int) -> Price:
        field = self._get_field(node.name.value, parent)
        size = self._sizes.estimate(node, field, parent) if field else 1
        aliases = int(node.alias is not None)
        own_cost = self._get_own_cost(node.name.value, parent, size)
        if node.selection_set is None:
            return Price(own_cost, 1, aliases)
        type_ = get_named_type(field.type) if field else None
        composite_type = (
            type_ if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) else None
        )
        selections = self._price_selection_set(node.selection_set, composite_type, nesting + 1)
        cost = min(own_cost + int(size * selections.cost), MAX_PRICE)
        return Price(cost, 1 + selections.depth, aliases + selections.aliases)

    def _get_own_cost(self, name: str, parent: CompositeType, size: float) -> int:
        if parent is self._schema.mutation_type:
            return int(_MUTATION_COST * size)
        is_page_of_changes = parent is self._schema.query_type and name in _CHANGES_FIELDS
        return _CHANGES_COST if is_page_of_changes else 1

    def _price_fragment(self, name: str, nesting: int) -> Price:
        """Return the price of a fragment; 0 for an unknown one, and for one inside itself."""
        if name not in self._fragment_prices and name in self._fragments:
            fragment = self._fragments[name]
            self._fragment_prices[name] = Price(0)
            type_ = self._get_composite_type(fragment.type_condition.name.value)
            price = self._price_selection_set(fragment.selection_set, type_, nesting + 1)
            self._fragment_prices[name] = _sum_prices([price], _count_directives(fragment))
        return self._fragment_prices.get(name, Price(0))

    def _get_field(self, name: str, parent: CompositeType) -> GraphQLField | None:
        if parent is self._schema.query_type and name in ("__schema", "__type"):
            return SchemaMetaFieldDef if name == "__schema" else TypeMetaFieldDef
        return parent.fields.get(name) if parent is not None else None

    def _get_composite_type(self, name: str) -> CompositeType:
        type_ = self._schema.get_type(name)
        return type_ if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) else None


def _count_directives(
    node: OperationDefinitionNode | FragmentDefinitionNode | SelectionNode,
) -> int:
    return len(node.directives or ())
