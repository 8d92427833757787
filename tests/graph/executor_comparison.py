"""Executes what is asked in our way and in the plain one, so that they can be compared."""

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
from graph.execution.projection import details_of, selects_always_the_same
from graph.loading.threads import StoreThreads
from graph.schema.build import Mutation, core_schema, create_schema
from graph.schema.query import Query
from graph.schema.types.scalars import SCALARS
from storage.store import Store
from tests.graph.query_strategies import Asked

_T = TypeVar("_T")

OURS = create_schema()
PLAIN = strawberry.Schema(
    query=Query, mutation=Mutation, config=StrawberryConfig(scalar_map=SCALARS)
)
"""The same schema as Strawberry and graphql-core execute it, without anything of ours."""


@dataclass(frozen=True)
class Outcome:
    """What a request came to: its data as JSON, keys in order, and what its errors tell."""

    data: bytes
    errors: list[tuple[list[str | int], str]]
    """Each with its path."""

    def settled(self) -> tuple[bytes, list[str], set[str]]:
        """What GraphQL fixes: the data, the errors of fields that are null, and other nulls.

        Where a null spreads to a field from several below, an error of any of these is told,
        and those of the others may be or not.
        """
        own, spread = [], set()
        for path, told in self.errors:
            null = self._first_null(path)
            if null == path:
                own.append(told)
            else:
                spread.add(str(null))
        return self.data, sorted(own), spread

    def assert_is_part_of(self, whole: "Outcome") -> None:
        """Assert that what is null only here has an error, and the rest is as there."""
        nulls: list[list[str | int]] = []
        _assert_part(orjson.loads(self.data), orjson.loads(whole.data), [], nulls)
        for null in nulls:
            assert any(path[: len(null)] == null for path, _ in self.errors)

    def _first_null(self, path: list[str | int]) -> list[str | int]:
        value = orjson.loads(self.data)
        for at, key in enumerate(path):
            if value is None:
                return path[:at]
            value = value[key]
        return path


class OrderlyLoop(asyncio.SelectorEventLoop):
    """A loop on which what runs on threads is done in its turn: nothing is left to chance."""

    def run_in_executor(  # type: ignore[override] # as our Threads call it
        self, executor: Pool | None, func: Callable[[], _T]
    ) -> asyncio.Future[_T]:
        del executor
        future: asyncio.Future[_T] = self.create_future()

        def run() -> None:
            if future.cancelled():
                return
            try:
                future.set_result(func())
            except Exception as error:  # noqa: BLE001 - whoever waits meets it
                future.set_exception(error)

        self.call_soon(run)
        return future


class Executors:
    """Both ways to execute, one after the other on one loop."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner(loop_factory=OrderlyLoop)
        self._threads = StoreThreads(1)

    def outcome(
        self,
        of: strawberry.Schema,
        asked: Asked,
        store: Store,
        **how: Any,
    ) -> Outcome:
        """What a schema's own executor makes of a request."""
        return _outcome(self._runner.run(self._executed(of, asked, store, how)))

    def close(self) -> None:
        """Let go of the loop."""
        self._threads.close()
        self._runner.close()

    async def _executed(
        self, of: strawberry.Schema, asked: Asked, store: Store, how: dict[str, Any]
    ) -> ExecutionResult:
        document = parse(asked.query)
        operation = get_operation_ast(document)
        reads = operation is not None and operation.operation is OperationType.QUERY
        kept: dict[int, Selections] | None = None
        if of is OURS and selects_always_the_same(document):
            kept = {}
            if reads:  # what is kept of the first time must do for the second
                await self._once(of, document, asked.variables, self._context(store, kept), how)
        return await self._once(of, document, asked.variables, self._context(store, kept), how)

    def _context(self, store: Store, kept: dict[int, Selections] | None) -> Context:
        context = Context(store, self._threads)
        context.selections = kept
        return context

    async def _once(
        self,
        of: strawberry.Schema,
        document: DocumentNode,
        variables: dict[str, Any],
        context: Context,
        how: dict[str, Any],
    ) -> ExecutionResult:
        operation = get_operation_ast(document)
        if of is OURS and operation and operation.operation is OperationType.QUERY:
            context.read_only(details_of(document))
        result = execute(
            core_schema(of),
            document,
            context_value=context,
            variable_values=variables,
            executor_class=of.execution_context_class,
            **how,
        )
        return await result if isawaitable(result) else result


def _assert_part(part: Any, whole: Any, path: list[str | int], nulls: list[Any]) -> None:
    """Assert that there is nothing in the part but what is in the whole; note its own nulls."""
    if part is None:
        nulls += [path] if whole is not None else []
    elif isinstance(part, dict):
        assert list(part) == list(whole)
        for key in part:
            _assert_part(part[key], whole[key], [*path, key], nulls)
    elif isinstance(part, list):
        assert len(part) == len(whole)
        for at in range(len(part)):
            _assert_part(part[at], whole[at], [*path, at], nulls)
    else:
        assert part == whole


def _outcome(result: ExecutionResult) -> Outcome:
    return Outcome(orjson.dumps(result.data), [_told(error) for error in result.errors or ()])


def _told(error: GraphQLError) -> tuple[list[str | int], str]:
    path, cause = error.path or [], error.original_error
    return path, f"{path} {error.locations} {error.message} {error.extensions} {cause!r}"
