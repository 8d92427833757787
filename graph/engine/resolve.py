"""Resolves a field for all objects of a level."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from graphql import (
    GraphQLResolveInfo,
    GraphQLResolveInfoHelpers,
    ResponsePath,
)

from graph.engine.arguments import CoercedArguments
from graph.engine.deferred import Deferred
from graph.engine.objects import Level
from graph.engine.plan import Column, FieldPlan, Plan
from graph.engine.values import is_awaitable


class Resolver:
    """Calls the resolvers of one execution."""

    def __init__(
        self,
        plan: Plan,
        arguments: CoercedArguments,
        context: Any,  # noqa: ANN401 - the application's
        root: Any,  # noqa: ANN401 - the application's
    ) -> None:
        self._plan = plan
        self._coerced = arguments
        self._context = context
        self._root = root
        self._helpers = GraphQLResolveInfoHelpers(_gather, _track)
        self._bound: dict[FieldPlan, Callable[[Any], Any]] = {}

    def read(self, field: FieldPlan, column: Column, level: Level) -> list[Any]:
        """Return the values of a field in its column, or the error that was raised."""
        try:
            return column(level.objects)
        except Exception:  # noqa: BLE001 - it is raised again for the object that it is of
            return self._call_resolver(field, {}, level)

    def resolve(self, field: FieldPlan, level: Level) -> list[Any] | Deferred[list[Any]]:
        """Return the value of a field for each object, or the error that was raised."""
        if field.column:
            return self.read(field, field.column, level)
        try:
            if field.bind_batch:
                values: list[Any] = self._bind(field, field.bind_batch, level)(level.objects)
                return values
            if field.bind:
                return _call_each(self._bind(field, field.bind, level), level.objects)
            arguments = self._get_arguments(field)
        except Exception as error:  # noqa: BLE001 - an error of each object's field
            return [error] * len(level.objects)
        return self._call_resolver(field, arguments, level)

    def create_info(self, field: FieldPlan, path: ResponsePath) -> GraphQLResolveInfo[Any]:
        """Return what resolvers are told about the field that they resolve."""
        return GraphQLResolveInfo(
            field.name,
            field.nodes,
            field.definition.type,
            field.parent_type,
            path,
            self._plan.schema,
            self._plan.fragments,
            self._root,
            self._plan.operation,
            self._coerced.variables,
            self._context,
            is_awaitable,
            None,
            self._helpers,
        )

    def _bind(self, field: FieldPlan, bind: Any, level: Level) -> Callable[[Any], Any]:  # noqa: ANN401 - a Bind; mypy takes it for a method
        bound = self._bound.get(field)
        if bound is None:
            info = self.create_info(field, _get_path(field, level, 0))
            bound = self._bound[field] = bind(info, self._get_arguments(field))
        return bound

    def _get_arguments(self, field: FieldPlan) -> dict[str, Any]:
        if not field.has_arguments:
            return {}
        return self._coerced.get(field.definition, field.nodes[0])

    def _call_resolver(
        self, field: FieldPlan, arguments: dict[str, Any], level: Level
    ) -> list[Any]:
        resolve, values = field.resolve, []
        for index, source in enumerate(level.objects):
            info = self.create_info(field, _get_path(field, level, index))
            try:
                value = resolve(source, info, **arguments)
            except Exception as error:  # noqa: BLE001 - the error of this object's field
                value = error
            values.append(value)
        return values


def _get_path(field: FieldPlan, level: Level, index: int) -> ResponsePath:
    return ResponsePath(level.get_path(index), field.key, field.parent_type.name)


def _call_each(function: Callable[[Any], Any], objects: Sequence[Any]) -> list[Any]:
    values = []
    for each in objects:
        try:
            value = function(each)
        except Exception as error:  # noqa: BLE001 - the error of this object's field
            value = error
        values.append(value)
    return values


async def _gather(awaitables: Sequence[Awaitable[Any]]) -> list[Any]:
    """Wait for awaitables together; if one fails, cancel the others and wait for them."""
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _track(values: Sequence[Any]) -> None:
    """Let awaitables that nobody waits for run to their end."""
    awaitables = [value for value in values if is_awaitable(value)]
    if awaitables:
        asyncio.gather(*awaitables, return_exceptions=True)
