"""Executes requests with this server's executor and with graphql-core's, to compare them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor as Pool
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, TypeVar

import orjson
import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationType,
    execute,
    get_operation_ast,
    parse,
)
from strawberry.schema.config import StrawberryConfig

from graph.context import Context
from graph.engine.selections import Selections
from graph.execution.projection import has_constant_selections, required_projection
from graph.loading.threads import StoreThreads
from graph.schema.build import Mutation, core_schema, create_schema
from graph.schema.query import Query
from graph.schema.types.scalars import SCALARS
from storage.store import Store
from tests.graph.query_strategies import Request

_T = TypeVar("_T")

OURS = create_schema()
PLAIN = strawberry.Schema(
    query=Query, mutation=Mutation, config=StrawberryConfig(scalar_map=SCALARS)
)
"""The same schema, executed by Strawberry and graphql-core alone."""


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
    """Executes requests of either schema, one after the other on one event loop."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner(loop_factory=DeterministicLoop)
        self._threads = StoreThreads(1)

    def run(
        self, schema: strawberry.Schema, request: Request, store: Store, **options: Any
    ) -> Outcome:
        """Execute a request with a schema's executor; options are those of `execute`."""
        return _to_outcome(self._runner.run(self._execute(schema, request, store, options)))

    def close(self) -> None:
        """Close the event loop and the threads."""
        self._threads.close()
        self._runner.close()

    async def _execute(
        self, schema: strawberry.Schema, request: Request, store: Store, options: dict[str, Any]
    ) -> ExecutionResult:
        document = parse(request.query)
        cached: dict[int, Selections] | None = None
        if schema is OURS and has_constant_selections(document):
            cached = {}
            if _is_query(document):  # execute it twice, to test with cached selections
                context = self._create_context(store, cached)
                await self._execute_once(schema, document, request.variables, context, options)
        context = self._create_context(store, cached)
        return await self._execute_once(schema, document, request.variables, context, options)

    def _create_context(self, store: Store, cached: dict[int, Selections] | None) -> Context:
        context = Context(store, self._threads)
        context.selections = cached
        return context

    async def _execute_once(
        self,
        schema: strawberry.Schema,
        document: DocumentNode,
        variables: dict[str, Any],
        context: Context,
        options: dict[str, Any],
    ) -> ExecutionResult:
        if schema is OURS and _is_query(document):
            context.set_projection(required_projection(document))
        result = execute(
            core_schema(schema),
            document,
            context_value=context,
            variable_values=variables,
            executor_class=schema.execution_context_class,
            **options,
        )
        return await result if isawaitable(result) else result


def _is_query(document: DocumentNode) -> bool:
    operation = get_operation_ast(document)
    return operation is not None and operation.operation is OperationType.QUERY


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
