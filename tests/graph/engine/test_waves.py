"""The engine waits for batches of a level together, and only where it must."""

import asyncio
from typing import Any

import pytest
from graphql import ExecutionResult, Executor, GraphQLSchema, build_schema, parse

from graph.engine.arguments import CoercedArguments
from graph.engine.budget import Budget, BudgetError, Unlimited
from graph.engine.deferred import Deferred
from graph.engine.execute import Engine
from graph.engine.plan import plan_operation

SDL = """
type Query { fast: Item slow: Item many: [Item!]! bad: Int! hangs: Int }
type Mutation { write: Payload! }
type Payload { id: ID! item: Item items: [Item!]! hangs: Int }
type Item { name: String! link: Item! optional: String }
"""


class Log:
    """Resolvers that note what they do; the links of one turn of the event loop are a batch."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.is_cancelled = False
        self.release = asyncio.Event()
        self._batch: asyncio.Future[None] | None = None
        self._keys = 0

    def create_schema(self) -> GraphQLSchema:
        schema: Any = build_schema(SDL)
        query, mutation, payload = (schema.type_map[n].fields for n in TYPES)
        query["fast"].resolve = lambda *_: "fast"
        query["slow"].resolve = self._be_slow
        query["many"].resolve = lambda *_: ["a", "b", "c"]
        query["bad"].resolve = self._fail
        query["hangs"].resolve = payload["hangs"].resolve = self._hang
        mutation["write"].resolve = self._write
        payload["id"].resolve = lambda source, _: source
        payload["item"].resolve = lambda *_: "item"
        payload["items"].resolve = lambda *_: ["a", "b"]
        item = schema.type_map["Item"].fields
        item["name"].resolve = self._name
        item["link"].resolve = self._link
        item["optional"].resolve = lambda *_: "there"
        return schema  # type: ignore[no-any-return]

    async def _be_slow(self, *_: object) -> str:
        await self.release.wait()
        return "slow"

    async def _fail(self, *_: object) -> None:
        raise ValueError("bad")

    async def _hang(self, *_: object) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.is_cancelled = True
            raise

    async def _write(self, *_: object) -> str:
        await asyncio.sleep(0)
        self.events.append("written")
        return "1"

    def _name(self, source: str, _: object) -> str:
        self.events.append(f"name of {source}")
        if source == "fast's link":
            self.release.set()
        return source

    def _link(self, source: str, _: object) -> Deferred[str]:
        if self._batch is None:
            self._batch = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_soon(self._dispatch, self._batch)
        self._keys += 1
        return Deferred(self._batch, lambda _: f"{source}'s link")

    def _dispatch(self, batch: "asyncio.Future[None]") -> None:
        self.events.append(f"batch of {self._keys}")
        self._batch, self._keys = None, 0
        batch.set_result(None)


TYPES = ("Query", "Mutation", "Payload")


class FieldBudget(Unlimited):
    """A budget for a number of fields."""

    def __init__(self, maximum: int) -> None:
        self._left = maximum

    def add_fields(self, count: int, key_size: int = 0) -> None:
        del key_size
        self._left -= count
        if self._left < 0:
            raise BudgetError("too many fields")


class DeadlineBudget(Unlimited):
    """A budget whose deadline is over as soon as the engine waits after `waits` times."""

    def __init__(self, waits: int) -> None:
        self._left = waits

    async def wait(self, future: "asyncio.Future[None]") -> None:
        self._left -= 1
        if self._left < 0:
            await asyncio.sleep(0)
            raise BudgetError("too late")
        await super().wait(future)


async def execute(log: Log, query: str, budget: Budget) -> ExecutionResult:
    schema, document = log.create_schema(), parse(query)
    built = Executor.build(schema, document)
    assert isinstance(built, Executor)
    variables = built.variable_values
    plan = plan_operation(schema, document, built.operation, variables)
    return await Engine(schema).execute(
        plan, CoercedArguments(variables), context=None, budget=budget
    )


def run(query: str, budget: Budget | None = None) -> tuple[ExecutionResult, Log]:
    async def run_once() -> tuple[ExecutionResult, Log]:
        log = Log()
        return await execute(log, query, budget or Unlimited()), log

    return asyncio.run(run_once())


def get_errors(result: ExecutionResult) -> list[tuple[str, Any]]:
    return [(error.message, error.path) for error in result.errors or ()]


def test_links_of_a_level_are_one_batch() -> None:
    result, log = run("{ many { link { link { name } } } fast { link { optional } } }")
    assert result.errors is None
    assert log.events[:2] == ["batch of 4", "batch of 3"]


def test_a_slow_field_holds_up_only_what_is_below_it() -> None:
    result, _ = run("{ slow { name } fast { link { name } } }")
    assert result.data == {"slow": {"name": "slow"}, "fast": {"link": {"name": "fast's link"}}}


def test_what_is_null_anyway_is_cancelled() -> None:
    result, log = run("{ hangs bad }")
    assert result.data is None
    assert get_errors(result) == [("bad", ["bad"])]
    assert log.is_cancelled


def test_a_query_beyond_its_budget_ends() -> None:
    with pytest.raises(BudgetError, match="too many fields"):
        run("{ many { name } }", FieldBudget(3))


def test_a_mutation_beyond_its_budget_keeps_what_must_not_be_null() -> None:
    result, log = run(
        "mutation { write { id item { name } items { name optional } } }", FieldBudget(2)
    )
    items = [{"name": name, "optional": None} for name in "ab"]
    assert result.data == {"write": {"id": "1", "item": None, "items": items}}
    assert get_errors(result) == [
        ("too many fields", ["write", "item"]),
        ("too many fields", ["write", "items", 0, "optional"]),
        ("too many fields", ["write", "items", 1, "optional"]),
    ]
    assert log.events[0] == "written"


def test_a_mutation_beyond_its_deadline_waits_for_its_write() -> None:
    result, log = run("mutation { write { id hangs } }", DeadlineBudget(0))
    assert result.data == {"write": {"id": "1", "hangs": None}}
    assert get_errors(result) == [("too late", ["write", "hangs"])]
    assert log.events == ["written"]


def test_a_mutation_stops_waiting_for_reads_at_its_deadline() -> None:
    result, log = run("mutation { write { id hangs } }", DeadlineBudget(1))
    assert result.data == {"write": {"id": "1", "hangs": None}}
    assert log.is_cancelled
