"""The engine returns the same data and errors as graphql-core, over the whole schema."""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from graphql import MaxIntrospectionDepthRule, parse, specified_rules, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.change_queries import MAX_FEED_ENTRIES
from storage.errors import StoreUnavailableError
from tests.graph.corrupting_store import ATTRIBUTES, CORRUPT_VALUES, CorruptingStore
from tests.graph.executor_comparison import Executors, Outcome
from tests.graph.fixture_data import SCHEMA, VALUES, corrupt_ratings, fill
from tests.graph.query_strategies import Request, requests

pytestmark = pytest.mark.filterwarnings(
    # Where a null propagates, graphql-core too cancels coroutines that never began.
    "ignore:coroutine .* was never awaited"
)

METHODS = [
    "get resolve",  # what one of them has read, is not read by the other
    "page",
    "count",
    "read_reverse_links",
    "count_reverse_links",
    "read_history",
    "read_feed",
    "feed_cursor",
    "read_recent_changes",
    "find_successor",
]
WRITES = frozenset({"register", "update", "delete", "restore", "reset"})
CURSORS = frozenset({"cursor", "startCursor", "endCursor"})
"""They contain ids, which are new in each registry."""
QUERIES = requests(SCHEMA, VALUES)
MUTATIONS = requests(SCHEMA, VALUES, mutation=True, excluded=CURSORS)
FAILING_CALLS = st.frozensets(st.integers(0, 5), min_size=1, max_size=2)
CORRUPT_ATTRIBUTES = st.dictionaries(
    st.sampled_from(ATTRIBUTES), st.sampled_from(CORRUPT_VALUES), min_size=1, max_size=2
)


_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|datetime\.datetime\([^)]*\)")
_NEW_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
repeated = pytest.mark.parametrize(
    "examples", [25, pytest.param(300, marks=pytest.mark.slow)], ids=["some", "many"]
)


@pytest.fixture(scope="module")
def executors() -> Iterator[Executors]:
    executors = Executors()
    yield executors
    executors.close()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a registry with data, which is not open."""
    path = tmp_path_factory.mktemp("data") / "registry.db"
    store = CorruptingStore(path)
    fill(store)
    store.close()
    corrupt_ratings(path)
    return path


@pytest.fixture(scope="module")
def store(path: Path) -> Iterator[CorruptingStore]:
    store = CorruptingStore(path)
    yield store
    store.close()


class Outcomes(NamedTuple):
    """The results of one request."""

    engine: Outcome
    graphql_core: Outcome
    synchronous: Outcome | None
    """The result of graphql-core where nothing is concurrent."""


Run = Callable[..., Outcomes]


@pytest.fixture(scope="module")
def run(executors: Executors, store: CorruptingStore) -> Run:
    """Execute a request in all ways, over a store that fails in the same way."""

    def run_all(
        request: Request,
        failing_method: str | None = None,
        failing_calls: frozenset[int] = frozenset(),
        corrupt_attributes: Mapping[str, Any] | None = None,
    ) -> Outcomes:
        store.failure = StoreUnavailableError(failing_method) if failing_method else None
        store.failing_method = failing_method
        store.failing_calls = failing_calls
        store.corrupt_attributes = corrupt_attributes or {}
        store.calls.clear()
        engine = executors.run_engine(request, store)
        store.calls.clear()
        graphql_core = executors.run_graphql_core(request, store)
        store.calls.clear()
        return Outcomes(engine, graphql_core, executors.run_synchronously(request, store))

    return run_all


@given(request=st.one_of(QUERIES, MUTATIONS))
@settings(max_examples=20)
def test_the_requests_of_these_tests_are_valid(request: Request) -> None:
    # Executors do not limit the depth of introspection, so deeper documents are drawn than
    # the server accepts.
    rules = [rule for rule in specified_rules if rule is not MaxIntrospectionDepthRule]

    assert validate(SCHEMA, parse(request.query), rules) == []


def assert_same(run: Run, request: Request, **failures: Any) -> None:
    outcomes = run(request, **failures)
    assert outcomes.synchronous in (outcomes.engine, None)
    assert outcomes.engine.to_comparable() == outcomes.graphql_core.to_comparable()


@repeated
def test_a_query_has_the_same_result(run: Run, examples: int) -> None:
    @settings(max_examples=examples)
    @given(request=QUERIES)
    def check(request: Request) -> None:
        assert_same(run, request)

    check()


@repeated
def test_a_query_has_the_same_errors_where_the_store_fails(run: Run, examples: int) -> None:
    @settings(max_examples=examples)
    @given(request=QUERIES, method=st.sampled_from(METHODS))
    def check(request: Request, method: str) -> None:
        assert_same(run, request, failing_method=method)

    check()


@repeated
def test_a_query_has_the_same_errors_where_attributes_are_corrupt(
    run: Run, examples: int
) -> None:
    @settings(max_examples=examples)
    @given(request=QUERIES, attributes=CORRUPT_ATTRIBUTES)
    def check(request: Request, attributes: Mapping[str, Any]) -> None:
        assert_same(run, request, corrupt_attributes=attributes)

    check()


@repeated
def test_where_some_calls_fail_the_rest_of_the_data_is_right(run: Run, examples: int) -> None:
    @settings(max_examples=examples)
    @given(request=QUERIES, calls=FAILING_CALLS)
    def check(request: Request, calls: frozenset[int]) -> None:
        whole = run(request).engine
        run(request, failing_calls=calls).engine.assert_is_part_of(whole)

    check()


@repeated
def test_a_mutation_has_the_same_result_writes_and_effect_and_no_more_reads(
    executors: Executors, path: Path, examples: int
) -> None:
    @settings(max_examples=examples)
    @given(request=MUTATIONS)
    def check(request: Request) -> None:
        engine, graphql_core = (
            mutate_copy(execute, path, request)
            for execute in (executors.run_engine, executors.run_graphql_core)
        )
        assert engine.result == graphql_core.result
        assert engine.writes == graphql_core.writes
        assert engine.artifacts == graphql_core.artifacts
        assert engine.changes == graphql_core.changes
        assert len(engine.reads) <= len(graphql_core.reads)

    check()


class Effect(NamedTuple):
    """The effect of a mutation."""

    result: str
    writes: list[tuple[str, int]]
    """The calls that change the store, in their order."""
    reads: list[tuple[str, int]]
    artifacts: str
    """The contents of the store afterwards."""
    changes: str
    """The changes of the artifacts."""


def mutate_copy(
    execute: Callable[[Request, CorruptingStore], Outcome], path: Path, request: Request
) -> Effect:
    """Execute a mutation on a copy of a registry."""
    with TemporaryDirectory() as folder:
        store = CorruptingStore(Path(shutil.copy(path, folder)))
        try:
            outcome = execute(request, store)
            artifacts = sorted(store.scan(), key=lambda artifact: artifact.url)
            changes = store.read_feed(None, MAX_FEED_ENTRIES).changes
        finally:
            store.close()
    calls = store.calls[:-1]  # without the one above
    return Effect(
        result=anonymize(outcome.to_comparable()),
        writes=[call for call in calls if call[0] in WRITES],
        reads=[call for call in calls if call[0] not in WRITES],
        artifacts=anonymize(artifacts),
        changes=anonymize(changes),
    )


def anonymize(value: object) -> str:
    """Return a value's text without times, and with new ids numbered in their order."""
    numbers: dict[str, str] = {}
    text = _TIME.sub("now", repr(value))
    return _NEW_ID.sub(lambda match: numbers.setdefault(match[0], f"new {len(numbers)}"), text)
