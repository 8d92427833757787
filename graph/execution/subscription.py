"""Executes subscriptions: each event as a query over its batch of changes."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from inspect import isawaitable
from typing import Any, Protocol, cast

from graphql import (
    ExecutionResult,
    Executor,
    GraphQLError,
    GraphQLSchema,
    create_source_event_stream,
)

from graph.context import Context
from graph.errors import Code, RequestError, format_execution_errors, format_request_error
from graph.execution.executors import Execution
from graph.execution.executors import Executor as OperationExecutor
from graph.execution.results import to_content
from graph.limits.budget import RequestBudget
from graph.schema.types.changes import ChangeFeed
from graph.settings import Settings
from storage.deadline import deadline

_MAX_EXECUTED = 16
"""Events that are executed at the same time; others wait."""


class Charge(Protocol):
    """Counts a price for a caller."""

    async def __call__(self, cost: int, subject: str = ...) -> None:
        """Count the price of something.

        Raises:
            RequestError: It is too much.
        """


@dataclass(frozen=True, slots=True)
class EventContext:
    """What the events of one subscription are executed with."""

    request_id: str
    create_context: Callable[[], Context]
    create_budget: Callable[[], RequestBudget]
    charge: Charge


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a subscription, as it is sent."""

    content: dict[str, Any]
    budget: RequestBudget
    cost: int = 0
    changes: int = 0
    cursor: str | None = None
    """The cursor from which a client that has got this event continues; None for errors."""


class EventExecutor:
    """Executes the events of the subscriptions to one schema."""

    def __init__(
        self, schema: GraphQLSchema, execute: OperationExecutor, settings: Settings
    ) -> None:
        self._schema = schema
        self._execute = execute
        self._settings = settings
        self._turns = asyncio.Semaphore(_MAX_EXECUTED)

    async def open_source(self, execution: Execution) -> AsyncGenerator[ChangeFeed, None]:
        """Return the batches of changes that an operation subscribes to.

        Raises:
            _SourceError: An argument is not valid.
        """
        name = execution.operation.name
        executor = Executor.build(
            self._schema,
            execution.document.ast,
            context_value=execution.context,
            raw_variable_values=dict(execution.raw_variables),
            operation_name=name.value if name else None,
        )
        if isinstance(executor, list):
            raise _SourceError(executor)
        source = create_source_event_stream(executor)
        source = await source if isawaitable(source) else source
        if isinstance(source, ExecutionResult):
            raise _SourceError(source.errors or [])
        return cast("AsyncGenerator[ChangeFeed, None]", source)

    async def execute(
        self, execution: Execution, batch: ChangeFeed, context: EventContext
    ) -> Event:
        """Execute an operation for one batch."""
        async with self._turns:
            budget = context.create_budget()
            event_context = context.create_context()
            event_context.set_budget(budget)
            event_context.set_projection(execution.document.projection)
            event = replace(execution, context=event_context, root=batch)
            content = await self._execute_in_time(event, context.request_id)
        return Event(content, budget, changes=len(batch.changes), cursor=batch.cursor)

    async def _execute_in_time(self, execution: Execution, request_id: str) -> dict[str, Any]:
        seconds = self._settings.request_seconds
        try:
            with deadline(self._settings.store_seconds):
                async with asyncio.timeout(seconds):
                    result = await self._execute(execution)
        except RequestError as error:
            return {"errors": [format_request_error(error)]}
        except TimeoutError:
            message = f"The event was not executed within {seconds:g} s."
            timeout = RequestError(Code.DEADLINE_EXCEEDED, message)
            return {"errors": [format_request_error(timeout)]}
        return to_content(result, request_id)


class Subscription:
    """A subscription that was accepted."""

    def __init__(self, executor: EventExecutor, execution: Execution) -> None:
        self._executor = executor
        self._execution = execution

    async def iterate_events(self, context: EventContext) -> AsyncGenerator[Event, None]:
        """Yield events until one cannot be executed: the last has its errors, and no data.

        Each is charged but for the first, whose price was that of the subscription.
        """
        try:
            async with aclosing(self._execute_all(context)) as events:
                async for event in events:
                    yield event
                    if event.content.get("data") is None:
                        return
        except RequestError as error:
            errors = [_format_error(error)]
        except _SourceError as error:
            errors = format_execution_errors(error.errors, context.request_id)
        except Exception as error:  # noqa: BLE001 - it is formatted, or logged if unexpected
            failure = GraphQLError(str(error), original_error=error)
            errors = format_execution_errors([failure], context.request_id)
        yield Event({"errors": errors}, context.create_budget())

    async def _execute_all(self, context: EventContext) -> AsyncGenerator[Event, None]:
        is_charged = False
        async with aclosing(await self._executor.open_source(self._execution)) as source:
            async for batch in source:
                changes, is_own_read = len(batch.changes), batch.is_own_read
                cost = self._execution.price.of_event(changes, is_own_read=is_own_read)
                if is_charged:
                    await context.charge(cost)
                is_charged = True
                event = await self._executor.execute(self._execution, batch, context)
                yield replace(event, cost=cost)


class _SourceError(Exception):
    """An operation subscribes to nothing, because of errors in its arguments."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors)
        self.errors = errors


def _format_error(error: RequestError) -> dict[str, Any]:
    """Format an error that a response would tell in its headers, too."""
    formatted = format_request_error(error)
    if "retry-after" in error.headers:
        formatted["extensions"]["retryAfter"] = int(error.headers["retry-after"])
    return formatted
