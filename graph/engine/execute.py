"""Executes planned operations breadth first: each field once for all objects of a level."""

from collections.abc import Iterable
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    located_error,
)

from graph.engine.arguments import CoercedArguments
from graph.engine.budget import Budget, Meter
from graph.engine.complete import Completer
from graph.engine.deferred import Deferred
from graph.engine.failures import Failures
from graph.engine.leaves import measure_serialised
from graph.engine.objects import Level, Places
from graph.engine.pending import Pending
from graph.engine.plan import FieldPlan, Plan, Selection
from graph.engine.resolve import Resolver
from graph.engine.runtime_types import RuntimeTypes

_RESOLVED_AT_ONCE = 1_000
"""After how many attributes other tasks may run."""
_ROOT_FIELD = 1_001
"""A root field may do anything before it waits for the store, so others may run after each."""
_ATTRIBUTES_OF_FIELD = 20
"""The attributes that are read in about the time of a field that has a resolver."""


class Engine:
    """Executes operations against one schema, breadth first."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    async def execute(
        self,
        plan: Plan,
        arguments: CoercedArguments,
        *,
        context: Any,  # noqa: ANN401 - the application's
        budget: Budget,
        root: Any = None,  # noqa: ANN401 - the application's
    ) -> ExecutionResult:
        """Return the data and errors, as graphql-core would with resolvers that do not wait.

        Raises:
            BudgetError: The request, which is not a mutation, exceeded its budget.
        """
        try:
            selection = plan.select_root()
        except GraphQLError as error:
            return ExecutionResult(None, [error])
        is_mutation = plan.operation.operation is OperationType.MUTATION
        execution = _Execution(
            self._schema,
            Resolver(plan, arguments, context, root),
            Meter(budget, goes_on=is_mutation),
        )
        fields = selection.fields
        if is_mutation and (invalid := _find_invalid_arguments(fields, arguments)):
            return ExecutionResult(None, [invalid])
        steps = [[field] for field in fields] if is_mutation else [fields]
        try:
            return await execution.run(selection, root, steps)
        finally:
            await execution.close()


def _find_invalid_arguments(
    fields: Iterable[FieldPlan], arguments: CoercedArguments
) -> GraphQLError | None:
    """Return the error of the first field that would make the whole answer null.

    It is found before anything is written, for an answer without data tells of no write.
    """
    for field in fields:
        try:
            arguments.get(field.definition, field.nodes[0])
        except GraphQLError as error:
            if field.type.is_non_null:
                return located_error(error, field.nodes, [field.key])
    return None


class _Execution:
    """One execution of an operation."""

    def __init__(self, schema: GraphQLSchema, resolver: Resolver, meter: Meter) -> None:
        self._resolver = resolver
        self._meter = meter
        self._resolved = 0
        """The number of attributes read since the last pause."""
        self._failures = Failures()
        self._pending = Pending(meter)
        types = RuntimeTypes(schema, resolver)
        self._completer = Completer(self._failures, self._pending, meter, types)

    async def run(
        self, selection: Selection, root: object, steps: Iterable[list[FieldPlan]]
    ) -> ExecutionResult:
        """Execute the root fields of each step, with all below them, before the next step."""
        data = selection.template.copy()
        level = Level(selection, [root], [data])
        errors = self._failures.errors
        for fields in steps:
            await self._resolve_fields(fields, level)
            await self._finish()
            if not self._failures.settle(fields, data):
                return ExecutionResult(None, errors)
        return ExecutionResult(data, errors or None)

    async def close(self) -> None:
        """Cancel what is still running, apart from writes, and wait until it has ended."""
        await self._pending.close()

    async def _finish(self) -> None:
        """Resolve what is ready, level by level, and wait for the rest, until all is done."""
        levels = self._completer.levels
        while levels or self._pending:
            while levels:
                level = levels.popleft()
                await self._read_attributes(level)
                if level.selection.others:
                    await self._resolve_fields(level.selection.others, level)
            self._drop_unneeded()
            if self._pending:
                await self._pending.wait()
                self._drop_unneeded()
                for places in self._pending.take_done():
                    self._completer.complete(places)

    def _drop_unneeded(self) -> None:
        """Stop waiting for what is null anyway.

        If the budget of a mutation is exceeded, only what must not be null is waited for.
        """
        if self._failures.have_nulled:
            self._pending.drop(self._failures.is_unneeded)
        if self._meter.stopped_by:
            for places, index in self._pending.drop(lambda places, _: not places.is_needed):
                self._completer.fail(places, index, self._meter.stopped_by)

    async def _read_attributes(self, level: Level) -> None:
        """Read the attributes of all objects, which have next to no cost of their own."""
        selection, count = level.selection, len(level.objects)
        fields = selection.attributes
        self._meter.add_fields(count * len(fields), count * selection.attributes_size)
        for field, column in fields:
            if self._meter.stopped_by and not field.type.is_non_null and not _is_payload(level):
                unread = _create_places(field, level, [])
                self._completer.fail_all(unread, self._meter.stopped_by)
                continue
            values = self._resolver.read(field, column, level)
            measured = measure_serialised(field.type, values)
            if measured is None:
                self._completer.complete(_create_places(field, level, values))
            else:
                self._meter.add_values(count, measured)
                for result, value in zip(level.results, values, strict=True):
                    result[field.key] = value
            await self._pause(count)

    async def _resolve_fields(self, fields: Iterable[FieldPlan], level: Level) -> None:
        count = len(level.objects)
        for field in fields:
            self._meter.add_fields(count, count * len(field.key))
            places = _create_places(field, level, [])
            if self._meter.stopped_by and not places.is_needed:
                self._completer.fail_all(places, self._meter.stopped_by)
                continue
            values = self._resolver.resolve(field, level)
            if isinstance(values, Deferred):
                self._completer.complete_batch(places, values)
            else:
                places.values = values
                self._completer.complete(places)
            await self._pause(_ROOT_FIELD if level.is_root else _ATTRIBUTES_OF_FIELD * count)

    async def _pause(self, resolved: int) -> None:
        """Let other tasks run after many attributes."""
        self._resolved += resolved
        if self._resolved > _RESOLVED_AT_ONCE:
            self._resolved = 0
            await self._meter.pause()


def _is_payload(level: Level) -> bool:
    """Tell whether these are the objects of a root field, such as what a mutation returns."""
    return level.places is None or level.places.is_at_root


def _create_places(field: FieldPlan, level: Level, values: list[Any]) -> Places:
    rows = range(len(level.objects))
    return Places(
        field, field.type, level, rows, level.results, [field.key] * len(rows), values
    )
