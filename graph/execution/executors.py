"""Executes operations: with the engine or, as an escape hatch, with graphql-core."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Protocol

from graphql import ExecutionResult, GraphQLSchema, OperationDefinitionNode, execute

from graph.context import Context
from graph.engine.arguments import CoercedArguments
from graph.engine.execute import Engine
from graph.execution.document_cache import Document
from graph.limits.price_terms import Price


@dataclass(frozen=True, slots=True)
class Execution:
    """An operation of a valid document, with its variables and its coerced arguments."""

    document: Document
    operation: OperationDefinitionNode
    raw_variables: Mapping[str, Any]
    arguments: CoercedArguments
    context: Context
    price: Price
    root: Any = None
    """The event that a subscription is executed for."""


class Executor(Protocol):
    """Executes operations against one schema."""

    async def __call__(self, execution: Execution) -> ExecutionResult:
        """Return the data and the errors.

        Raises:
            BudgetError: The operation exceeded the budget of its context.
        """


class EngineExecutor:
    """Executes operations with the engine."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._engine = Engine(schema)

    async def __call__(self, execution: Execution) -> ExecutionResult:
        """Return the data and the errors."""
        arguments, context = execution.arguments, execution.context
        plan = execution.document.plans.get_or_plan(execution.operation, arguments.variables)
        context.leave_deadline_to_budget()
        return await self._engine.execute(
            plan, arguments, context=context, budget=context.budget, root=execution.root
        )


class GraphQLCoreExecutor:
    """Executes operations with graphql-core, which knows no budget."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    async def __call__(self, execution: Execution) -> ExecutionResult:
        """Return the data and the errors."""
        name = execution.operation.name
        result = execute(
            self._schema,
            execution.document.ast,
            execution.root,
            context_value=execution.context,
            variable_values=dict(execution.raw_variables),
            operation_name=name.value if name else None,
        )
        return await result if isawaitable(result) else result


EXECUTORS: Mapping[str, Callable[[GraphQLSchema], Executor]] = {
    "engine": EngineExecutor,
    "graphql-core": GraphQLCoreExecutor,
}
"""By the value of the setting EXECUTOR."""
