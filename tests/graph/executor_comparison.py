"""Executes requests with the engine and with graphql-core, to compare them."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor as Pool
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, TypeVar

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute,
    get_operation_ast,
    get_variable_values,
    parse,
)

from graph.context import Context
from graph.engine.arguments import CoercedArguments
from graph.engine.budget import Unlimited
from graph.engine.execute import Engine
from graph.engine.plan import plan_operation
from graph.execution.projection import required_projection
from graph.loading.feed_follower import FeedFollower
from graph.loading.threads import StoreThreads
from graph.schema.build import core_schema, create_schema
from storage.store import Store
from tests.graph.query_strategies import Request

_T = TypeVar("_T")

_SCHEMA = core_schema(create_schema())
_MAX_COERCION_ERRORS = 10


@dataclass(frozen=True)
class Outcome:
    """The result of a request: its data as JSON, with keys in order, and its errors."""

    data: bytes
    errors: list[tuple[list[str | int], str]]
    """The path and a description of each error."""

    def to_comparable(self) -> tuple[bytes, list[str], set[str]]:
        """Return what the GraphQL specification determines.

        That is the data, the errors of the fields that are null themselves, and the other
        fields that are null. Where errors of several fields make the same parent null, one of
        the errors is reported, and the others may be.
        """
        own_errors, null_parents = [], set()
        for path, description in self.errors:
            null = self._cut_at_null(path)
            if null == path:
                own_errors.append(description)
            else:
                null_parents.add(str(null))
        return self.data, sorted(own_errors), null_parents

    def assert_is_part_of(self, whole: "Outcome") -> None:
        """Assert that each null that only this data has has an error, and the rest is equal."""
        nulls: list[list[str | int]] = []
        _assert_is_part(orjson.loads(self.data), orjson.loads(whole.data), [], nulls)
        for null in nulls:
            assert any(path[: len(null)] == null for path, _ in self.errors)

    def _cut_at_null(self, path: list[str | int]) -> list[str | int]:
        """Return the path, up to the first null on it."""
        value = orjson.loads(self.data)
        for index, key in enumerate(path):
            if value is None:
                return path[:index]
            value = value[key]
        return path


class DeterministicLoop(asyncio.SelectorEventLoop):
    """An event loop that runs an executor's functions itself, in the order of their calls."""

    def run_in_executor(  # type: ignore[override] # as narrow as StoreThreads needs it
        self, executor: Pool | None, func: Callable[[], _T]
    ) -> asyncio.Future[_T]:
        del executor
        future: asyncio.Future[_T] = self.create_future()

        def run() -> None:
            if future.cancelled():
                return
            try:
                future.set_result(func())
            except Exception as error:  # noqa: BLE001 - raised where the future is awaited
                future.set_exception(error)

        self.call_soon(run)
        return future


class Executors:
    """Executes requests in three ways, one after the other on one event loop."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner(loop_factory=DeterministicLoop)
        self._threads = StoreThreads(1)
        self._engine = Engine(_SCHEMA)

    def run_engine(self, request: Request, store: Store) -> Outcome:
        """Execute a request with the server's engine."""
        document, operation = _parse(request)
        context = self._create_context(store)
        if operation.operation is OperationType.QUERY:
            context.set_projection(required_projection(document))
        return _to_outcome(
            self._runner.run(self._execute(document, operation, request.variables, context))
        )

    def run_graphql_core(self, request: Request, store: Store) -> Outcome:
        """Execute a request with graphql-core, which awaits what resolvers return."""
        document, _ = _parse(request)
        context = self._create_context(store)

        async def run() -> ExecutionResult:
            result = execute(
                _SCHEMA, document, context_value=context, variable_values=request.variables
            )
            return await result if isawaitable(result) else result

        return _to_outcome(self._runner.run(run()))

    def run_synchronously(self, request: Request, store: Store) -> Outcome | None:
        """Execute a request with graphql-core and resolvers that wait for what they load.

        This is the reference: its errors are in the order of the fields. None if an item of a
        list is awaitable, for which graphql-core is asynchronous.
        """
        document, _ = _parse(request)

        def settle(resolve: Callable[..., Any], source: Any, info: Any, **args: Any) -> Any:
            async def call() -> Any:
                value = resolve(source, info, **args)
                return await value if isawaitable(value) else value

            return self._runner.run(call())

        result = execute(
            _SCHEMA,
            document,
            context_value=self._create_context(store),
            variable_values=request.variables,
            middleware=[settle],
        )
        if isinstance(result, ExecutionResult):
            return _to_outcome(result)
        self._runner.run(_cancel(result))
        return None

    def close(self) -> None:
        """Close the event loop and the threads."""
        self._threads.close()
        self._runner.close()

    def _create_context(self, store: Store) -> Context:
        return Context(store, self._threads, FeedFollower(store, self._threads))

    async def _execute(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: dict[str, Any],
        context: Context,
    ) -> ExecutionResult:
        values = get_variable_values(_SCHEMA, operation.variable_definitions or (), variables)
        if isinstance(values, list):
            return ExecutionResult(None, values)
        plan = plan_operation(_SCHEMA, document, operation, values)
        return await self._engine.execute(
            plan, CoercedArguments(values), context=context, budget=Unlimited()
        )


def _parse(request: Request) -> tuple[DocumentNode, OperationDefinitionNode]:
    document = parse(request.query)
    operation = get_operation_ast(document)
    assert operation is not None
    return document, operation


async def _cancel(awaitable: Awaitable[Any]) -> None:
    task = asyncio.ensure_future(awaitable)
    task.cancel()
    await asyncio.wait([task])


def _assert_is_part(part: Any, whole: Any, path: list[str | int], nulls: list[Any]) -> None:
    """Assert that the part equals the whole where it is not null; collect its own nulls."""
    if part is None:
        nulls += [path] if whole is not None else []
    elif isinstance(part, dict):
        assert list(part) == list(whole)
        for key in part:
            _assert_is_part(part[key], whole[key], [*path, key], nulls)
    elif isinstance(part, list):
        assert len(part) == len(whole)
        for index in range(len(part)):
            _assert_is_part(part[index], whole[index], [*path, index], nulls)
    else:
        assert part == whole


def _to_outcome(result: ExecutionResult) -> Outcome:
    errors = [_describe_error(error) for error in result.errors or ()]
    return Outcome(orjson.dumps(result.data), errors)


def _describe_error(error: GraphQLError) -> tuple[list[str | int], str]:
    path, cause = error.path or [], error.original_error
    return path, f"{path} {error.locations} {error.message} {error.extensions} {cause!r}"
