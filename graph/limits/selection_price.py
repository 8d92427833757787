"""The prices of selections: constant, or worked out for the variables of each request."""

from abc import ABC, abstractmethod

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    ValueNode,
    VariableNode,
)
from graphql.execution import VariableValues

from graph.engine.arguments import CoercedArguments
from graph.limits.field_costs import LOAD_COST, MAX_LINKS, Rule, read_link_count
from graph.limits.input_values import price_values
from graph.limits.price_terms import (
    MAX_COST,
    NOTHING,
    Links,
    Terms,
    find_dearest,
    price_links,
    sum_terms,
)


class Evaluation:
    """The prices that are known already for certain arguments."""

    def __init__(self, arguments: CoercedArguments) -> None:
        self.arguments = arguments
        self.terms: dict[SelectionPrice, Terms] = {}


class SelectionPrice(ABC):
    """The selections of an object: a sum of fields, or the dearest of several types."""

    def __init__(self, depth: int, aliases: int, *, is_constant: bool) -> None:
        self.depth = depth
        self.aliases = aliases
        self.is_constant = is_constant
        self._constant: Terms | None = None

    def price(self, evaluation: Evaluation) -> Terms:
        """Return the cost, which is worked out once where it depends on no variables."""
        terms = self._constant or evaluation.terms.get(self)
        if terms is None:
            terms = evaluation.terms[self] = self._compute(evaluation)
            if self.is_constant:
                self._constant = terms
        return terms

    @abstractmethod
    def _compute(self, evaluation: Evaluation) -> Terms:
        """Return the cost for these arguments."""


class FieldsPrice(SelectionPrice):
    """The fields that are selected of an object type."""

    def __init__(self, fields: list["FieldPrice"]) -> None:
        super().__init__(
            depth=max((field.depth for field in fields), default=0),
            aliases=min(sum(field.aliases for field in fields), MAX_COST),
            is_constant=all(field.is_constant for field in fields),
        )
        constant = [field for field in fields if field.is_constant]
        self._dynamic = [field for field in fields if not field.is_constant]
        prices = [
            field.price(Evaluation(CoercedArguments(VariableValues({}, {}))))
            for field in constant
        ]
        self._sum = sum_terms(price for price in prices if isinstance(price, Terms))
        self._links = [price for price in prices if isinstance(price, Links)]

    def _compute(self, evaluation: Evaluation) -> Terms:
        prices = [field.price(evaluation) for field in self._dynamic]
        terms = [price for price in prices if isinstance(price, Terms)]
        links = [*self._links, *(price for price in prices if isinstance(price, Links))]
        if links:
            terms.append(Terms(once=price_links(links, MAX_LINKS)))
        return sum_terms([self._sum, *terms]) if terms else self._sum


class DearestPrice(SelectionPrice):
    """The selections of an interface, which cost as much as those of its dearest type."""

    def __init__(self, types: list[SelectionPrice]) -> None:
        super().__init__(
            depth=max(each.depth for each in types),
            aliases=max(each.aliases for each in types),
            is_constant=all(each.is_constant for each in types),
        )
        self._types = types

    def _compute(self, evaluation: Evaluation) -> Terms:
        return find_dearest(each.price(evaluation) for each in self._types)


class TooDeepPrice(SelectionPrice):
    """Selections that are nested too deep."""

    def __init__(self) -> None:
        super().__init__(depth=0, aliases=0, is_constant=True)

    def _compute(self, _: Evaluation) -> Terms:
        return Terms(once=MAX_COST)


class FieldPrice:
    """A field that is selected of an object type."""

    def __init__(
        self,
        node: FieldNode,
        definition: GraphQLField,
        rule: Rule | None,
        selections: SelectionPrice | None,
    ) -> None:
        self._node = node
        self._definition = definition
        self._rule = rule
        self._selections = selections
        self._directives = len(node.directives or ())
        self.depth = 1 + (selections.depth if selections else 0)
        self.aliases = int(node.alias is not None) + (selections.aliases if selections else 0)
        has_variables = any(_has_variable(each.value) for each in node.arguments or ())
        self.is_constant = not has_variables and (selections is None or selections.is_constant)

    def price(self, evaluation: Evaluation) -> Terms | Links:
        """Return the cost for each object; one whose arguments are invalid ends in an error."""
        inner = self._selections.price(evaluation) if self._selections else NOTHING
        node, definition = self._node, self._definition
        if not definition.args:
            return self._apply({}, inner, self._directives)
        try:
            arguments = evaluation.arguments.get(definition, node)
        except GraphQLError:
            return Terms(once=1)
        cost = price_values(arguments) if node.arguments else 0
        return self._apply(arguments, inner, cost + self._directives)

    def _apply(
        self, arguments: dict[str, object], inner: Terms, own_cost: float
    ) -> Terms | Links:
        if self._rule is None:
            cost = LOAD_COST + 1 + own_cost + inner.once
            return Links(self._node.name.value, read_link_count(arguments), cost)
        terms = self._rule(arguments, inner)
        return terms._replace(once=terms.once + own_cost) if own_cost else terms


def _has_variable(value: ValueNode) -> bool:
    remaining = [value]
    while remaining:
        node = remaining.pop()
        if isinstance(node, VariableNode):
            return True
        remaining += getattr(node, "values", ())
        remaining += (each.value for each in getattr(node, "fields", ()))
    return False
