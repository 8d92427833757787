"""The plans of a document's operations, cached with the document."""

from collections import OrderedDict
from collections.abc import Hashable

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode
from graphql.execution import VariableValues

from graph.engine.plan import Plan, get_plan_key, keep_plan_variables, plan_operation
from graph.engine.selection import get_plan_variables

_MAX_PLANS = 8
"""Plans of one document, of which a client that varies `@include(if: $x)` needs several."""


class PlanCache:
    """Plans the operations of one document, and keeps the most recently used plans."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._document = document
        self._names = get_plan_variables(document)
        self._plans: OrderedDict[Hashable, Plan] = OrderedDict()

    def get_or_plan(
        self, operation: OperationDefinitionNode, variables: VariableValues
    ) -> Plan:
        """Return the plan of an operation for coerced variables."""
        name = operation.name.value if operation.name else None
        key = name, get_plan_key(self._names, variables)
        plan = self._plans.get(key)
        if plan is None:
            kept = keep_plan_variables(self._names, variables)
            plan = plan_operation(self._schema, self._document, operation, kept)
            self._plans[key] = plan
            if len(self._plans) > _MAX_PLANS:
                self._plans.popitem(last=False)
        else:
            self._plans.move_to_end(key)
        return plan
