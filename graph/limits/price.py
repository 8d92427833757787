"""The price of an operation, computed from its coerced arguments before it is executed.

It is worked out once for each operation of a document; only what depends on variables is
worked out again for each request.
"""

from collections.abc import Iterable
from typing import cast

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
)

from graph.engine.arguments import CoercedArguments
from graph.errors import Code, RequestError
from graph.limits.document_work import get_fragments
from graph.limits.field_costs import LINK_FIELDS, FieldCosts, is_page_or_walk
from graph.limits.price_terms import MAX_COST, Price
from graph.limits.selected_fields import SelectedFields
from graph.limits.selection_price import (
    DearestPrice,
    Evaluation,
    FieldPrice,
    FieldsPrice,
    SelectionPrice,
    TooDeepPrice,
)
from graph.loading.feed_follower import MAX_BATCH

_MAX_DEPTH = 200
"""More than graphql-core lets a document nest, fragments included."""


class OperationPrice:
    """The price of an operation of a valid document, for any variables.

    Raises:
        RequestError: It is a subscription that selects what takes too long for each event.
    """

    def __init__(
        self,
        costs: FieldCosts,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
    ) -> None:
        root_type = schema.get_root_type(operation.operation)
        self._is_subscription = operation.operation is OperationType.SUBSCRIPTION
        selected = SelectedFields(schema, get_fragments(document))
        compiler = _Compiler(costs, schema, selected, is_event=self._is_subscription)
        self._selections = compiler.compile(operation.selection_set, root_type, 1)

    def __call__(self, arguments: CoercedArguments) -> Price:
        """Return the price for coerced arguments."""
        selections = self._selections
        terms = selections.price(Evaluation(arguments))
        cost = terms.once
        if self._is_subscription:
            cost += terms.reads + MAX_BATCH * terms.items
        cost = int(min(cost, MAX_COST))
        return Price(cost, selections.depth, selections.aliases, terms)


class SchemaPrices:
    """Prices the operations of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._costs = FieldCosts(schema)

    def for_operation(
        self, document: DocumentNode, operation: OperationDefinitionNode
    ) -> OperationPrice:
        """Return the price of an operation of a valid document; keep it with the document."""
        return OperationPrice(self._costs, self._schema, document, operation)


class _Compiler:
    """Compiles the selection sets of one operation, each once for each type."""

    def __init__(
        self,
        costs: FieldCosts,
        schema: GraphQLSchema,
        selected: SelectedFields,
        *,
        is_event: bool,
    ) -> None:
        self._costs = costs
        self._schema = schema
        self._selected = selected
        self._compiled: dict[tuple[int, str], SelectionPrice] = {}
        self._is_event = is_event

    def compile(
        self, selection_set: SelectionSetNode, type_: GraphQLNamedType | None, depth: int
    ) -> SelectionPrice:
        """Return the selections of a value of a type, at this depth of nested fields."""
        if type_ is None or depth > _MAX_DEPTH:
            return TooDeepPrice()
        key = id(selection_set), type_.name
        if key not in self._compiled:
            self._compiled[key] = self._compile(selection_set, type_, depth)
        return self._compiled[key]

    def _compile(
        self, selection_set: SelectionSetNode, type_: GraphQLNamedType, depth: int
    ) -> SelectionPrice:
        if is_abstract_type(type_):
            possible_types = self._schema.get_possible_types(type_)
            return DearestPrice([self.compile(selection_set, t, depth) for t in possible_types])
        object_type = cast("GraphQLObjectType", type_)
        nodes = self._selected.find(selection_set, object_type)
        return FieldsPrice(list(self._compile_fields(nodes, object_type, depth)))

    def _compile_fields(
        self, nodes: Iterable[FieldNode], parent: GraphQLObjectType, depth: int
    ) -> Iterable[FieldPrice]:
        for node in nodes:
            name = node.name.value
            definition = self._schema.get_field(parent, name)
            if definition is None:
                continue
            if self._is_event and is_page_or_walk(parent, name, definition):
                raise RequestError(
                    Code.QUERY_TOO_COMPLEX,
                    f"A subscription cannot select `{name}`: ask for it in a "
                    "query when the artifact has changed.",
                )
            is_link = parent.name == "Model" and name in LINK_FIELDS
            rule = None if is_link else self._costs.get_rule(parent, name, definition)
            inner = node.selection_set
            selections = (
                self.compile(inner, get_named_type(definition.type), depth + 1)
                if inner
                else None
            )
            yield FieldPrice(node, definition, rule, selections)
