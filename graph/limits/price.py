"""The price of an operation, known before anything is validated, read or written.

A field costs 1, and its selections are multiplied by its estimated list size: the page size,
the length of `ids` or `inputs`, or 5 for a plain list. A directive costs 1, and so does each
value in a list or an object of the variables; a mutation costs 20 for each input. A page of
changes costs 500, because its filter may leave out most of the changes that it reads. Listings
cost what `listing_price` says, for their page and for all of their counts and facets, and walks
over references what `lineage_price` says. Each fragment is priced once, so that one pass is
enough.
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
    OperationDefinitionNode,
    OperationType,
    SchemaMetaFieldDef,
    SelectionNode,
    SelectionSetNode,
    TypeMetaFieldDef,
    get_named_type,
)

from graph.limits.arguments import ArgumentReader, Measurement
from graph.limits.lineage_price import PATHS_COST, REPEATED_FIELDS, is_walk, price_walk
from graph.limits.list_sizes import (
    CompositeType,
    ListSizes,
    count_nested_values,
    estimate_introspection_sizes,
)
from graph.limits.listing_price import count_facet_values, is_listing, price_listing
from graph.limits.price_sums import MAX_PRICE, Price, sum_prices

_MUTATION_COST = 20
_QUERY_COSTS = {"changes": 500, "recentChanges": 500, "lineagePaths": PATHS_COST}
"""Fields of Query that read more than they return, and their costs."""
_COUNTED_FIELDS = frozenset({"totalCount", "facets"})
"""Fields of the connections of listings that are not repeated for each item."""
_MAX_NESTING = 200
"""More than graphql-core lets a document nest, fragments included."""


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

    The last price of each operation is cached with what it depends on of the variables, such
    as the sizes of pages, because clients mostly send the same again.
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
        self._cache: dict[int, tuple[list[Measurement], Price]] = {}

    def __call__(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> Price:
        """Return the price of an operation."""
        additional_cost = count_nested_values(variables) + _count_directives(operation)
        return sum_prices([self._price_selections(operation, variables)], additional_cost)

    def _price_selections(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> Price:
        arguments = ArgumentReader(operation, variables)
        if cached := self._cache.get(id(operation)):
            measurements, price = cached
            if all(each.is_same(arguments.variables) for each in measurements):
                return price
        sizes = ListSizes(self._introspection_sizes, arguments)
        price = _OperationPricer(self._schema, self._document, arguments, sizes).price(
            operation
        )
        self._cache[id(operation)] = arguments.measurements, price
        return price


class _OperationPricer:
    """Computes the price of one operation, in one pass."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        arguments: ArgumentReader,
        sizes: ListSizes,
    ) -> None:
        self._schema = schema
        self._arguments = arguments
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
        return sum_prices(
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
        return sum_prices([price], _count_directives(node)) if node.directives else price

    def _price_field(self, node: FieldNode, parent: CompositeType, nesting: int) -> Price:
        field = self._get_field(node.name.value, parent)
        size = self._sizes.estimate(node, field, parent) if field else 1
        type_ = get_named_type(field.type) if field else None
        composite_type = (
            type_ if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) else None
        )
        selections = (
            self._price_selection_set(node.selection_set, composite_type, nesting + 1)
            if node.selection_set
            else Price(0)
        )
        price = Price(0, 1 + selections.depth, int(node.alias is not None) + selections.aliases)
        is_of_listing = parent is not None and "facets" in parent.fields
        if is_of_listing and node.name.value in _COUNTED_FIELDS:
            return self._price_counts(node, price, selections)
        cost = self._get_own_cost(node, field, parent, size, selections)
        cost = min(cost + selections.fixed_cost + int(size * selections.cost), MAX_PRICE)
        repeated = REPEATED_FIELDS.get(parent.name) if parent else None
        if repeated is None:
            return price._replace(cost=cost)
        if node.name.value not in repeated:
            return price._replace(fixed_cost=cost)
        return price._replace(cost=min(cost * repeated[node.name.value], MAX_PRICE))

    def _price_counts(self, node: FieldNode, price: Price, selections: Price) -> Price:
        """Return the price of a listing's count or facets, besides that of counting.

        A facet has as many values as are asked for.
        """
        if node.name.value == "totalCount":
            return price._replace(fixed_cost=1, counts=1)
        facets, values = self._arguments.measure(
            node, ("by",), lambda given: count_facet_values(given.get("by"))
        )
        cost = min(1 + values * selections.cost, MAX_PRICE)
        return price._replace(fixed_cost=cost, facets=facets)

    def _get_own_cost(
        self,
        node: FieldNode,
        field: GraphQLField | None,
        parent: CompositeType,
        size: float,
        selections: Price,
    ) -> int:
        if parent is self._schema.mutation_type:
            return int(_MUTATION_COST * size)
        if field is not None and is_listing(field):
            counts, facets = selections.counts, selections.facets
            return self._arguments.measure(
                node,
                ("filter", "search"),
                lambda given: price_listing(given, counts, facets),
            )
        if parent is not None and parent.interfaces and is_walk(node.name.value):
            return self._arguments.measure(
                node,
                ("first", "direction"),
                lambda given: price_walk(node.name.value, given),
            )
        is_query = parent is self._schema.query_type
        return _QUERY_COSTS.get(node.name.value, 1) if is_query else 1

    def _price_fragment(self, name: str, nesting: int) -> Price:
        """Return the price of a fragment; 0 for an unknown one, and for one inside itself."""
        if name not in self._fragment_prices and name in self._fragments:
            fragment = self._fragments[name]
            self._fragment_prices[name] = Price(0)
            type_ = self._get_composite_type(fragment.type_condition.name.value)
            price = self._price_selection_set(fragment.selection_set, type_, nesting + 1)
            self._fragment_prices[name] = sum_prices([price], _count_directives(fragment))
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
