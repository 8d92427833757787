"""The executor returns the same data and errors as graphql-core's."""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
import strawberry
from graphql import MaxIntrospectionDepthRule, parse, specified_rules, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.change_queries import MAX_FEED_ENTRIES
from storage.errors import StoreUnavailableError
from tests.graph.corrupting_store import ATTRIBUTES, CORRUPT_VALUES, CorruptingStore
from tests.graph.executor_comparison import OURS, PLAIN, Executors, Outcome
from tests.graph.fixture_data import SCHEMA, VALUES, corrupt_ratings, fill
from tests.graph.query_strategies import Request, requests

pytestmark = pytest.mark.filterwarnings(
    # Where a null propagates, graphql-core too cancels coroutines that never began.
    "ignore:coroutine .* was never awaited"
)

METHODS = [
    "get",
    "resolve",
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


RunBoth = Callable[..., tuple[Outcome, Outcome]]


@pytest.fixture(scope="module")
def run_both(executors: Executors, store: CorruptingStore) -> RunBoth:
    """Execute a request with both executors, over a store that fails in the same way."""

    def run(
        request: Request,
        failing_method: str | None = None,
        failing_calls: frozenset[int] = frozenset(),
        corrupt_attributes: Mapping[str, Any] | None = None,
    ) -> tuple[Outcome, Outcome]:
        store.failure = StoreUnavailableError(failing_method) if failing_method else None
        store.failing_method = failing_method
        store.failing_calls = failing_calls
        store.corrupt_attributes = corrupt_attributes or {}
        outcomes = []
        for schema in (OURS, PLAIN):
            store.calls.clear()
            outcomes.append(executors.run(schema, request, store))
        return outcomes[0], outcomes[1]

    return run


@given(request=st.one_of(QUERIES, MUTATIONS))
@settings(max_examples=20)
def test_the_requests_of_these_tests_are_valid(request: Request) -> None:
    # Executors do not limit the depth of introspection, so deeper documents are drawn than
    # the server accepts.
    rules = [rule for rule in specified_rules if rule is not MaxIntrospectionDepthRule]

    assert validate(SCHEMA, parse(request.query), rules) == []


def assert_same(run_both: RunBoth, request: Request, **failures: Any) -> None:
    ours, plain = run_both(request, **failures)
    assert ours.to_comparable() == plain.to_comparable()


@repeated
def test_a_query_has_the_same_result(run_both: RunBoth, examples: int) -> None:
    @settings(max_examples=examples)
    @given(request=QUERIES)
    def check(request: Request) -> None:
        assert_same(run_both, request)

    check()


@repeated
def test_a_query_has_the_same_errors_where_the_store_fails(
    run_both: RunBoth, examples: int
) -> None:
    @settings(max_examples=examples)
    @given(request=QUERIES, method=st.sampled_from(METHODS))
    def check(request: Request, method: str) -> None:
        assert_same(run_both, request, failing_method=method)

    check()


@repeated
def test_a_query_has_the_same_errors_where_attributes_are_corrupt(
    run_both: RunBoth, examples: int
) -> None:
    @settings(max_examples=examples)
    @given(request=QUERIES, attributes=CORRUPT_ATTRIBUTES)
    def check(request: Request, attributes: Mapping[str, Any]) -> None:
        assert_same(run_both, request, corrupt_attributes=attributes)

    check()


@repeated
def test_where_some_calls_fail_the_rest_of_the_data_is_right(
    run_both: RunBoth, examples: int
) -> None:
    @settings(max_examples=examples)
    @given(request=QUERIES, calls=FAILING_CALLS)
    def check(request: Request, calls: frozenset[int]) -> None:
        whole, _ = run_both(request)
        ours, _ = run_both(request, failing_calls=calls)
        ours.assert_is_part_of(whole)

    check()


@repeated
def test_a_mutation_has_the_same_result_writes_and_effect_and_no_more_reads(
    executors: Executors, path: Path, examples: int
) -> None:
    @settings(max_examples=examples)
    @given(request=MUTATIONS)
    def check(request: Request) -> None:
        ours, plain = (mutate_copy(executors, s, path, request) for s in (OURS, PLAIN))
        assert ours.result == plain.result
        assert ours.writes == plain.writes
        assert ours.artifacts == plain.artifacts
        assert ours.changes == plain.changes
        assert len(ours.reads) <= len(plain.reads)  # reads ahead can share a batch

    check()


class Effect(NamedTuple):
    """The effect of a mutation."""

    result: str
    writes: list[tuple[str, int]]
    """The calls that change the store, in their order."""
    reads: list[tuple[str, int]]
    artifacts: str
    """What the store holds afterwards."""
    changes: str
    """The changes of the artifacts."""


def mutate_copy(
    executors: Executors, schema: strawberry.Schema, path: Path, request: Request
) -> Effect:
    """Execute a mutation on a copy of a registry."""
    with TemporaryDirectory() as folder:
        store = CorruptingStore(Path(shutil.copy(path, folder)))
        try:
            outcome = executors.run(schema, request, store)
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
