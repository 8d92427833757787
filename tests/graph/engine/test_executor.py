"""Our executor answers what graphql-core's answers, with the same errors."""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from graphql import MaxIntrospectionDepthRule, parse, specified_rules, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.errors import StoreUnavailableError
from tests.graph.corrupting_store import ATTRIBUTES, WRONG, SpoilingStore
from tests.graph.executor_comparison import OURS, PLAIN, Executors, Outcome
from tests.graph.fixture_data import SCHEMA, VALUES, fill, spoil_ratings
from tests.graph.query_strategies import Asked, documents

pytestmark = pytest.mark.filterwarnings(
    # Where a null spreads, graphql-core too cancels coroutines that never began.
    "ignore:coroutine .* was never awaited"
)

METHODS = ["get", "resolve", "page", "count", "models_of", "count_models_of"]
CURSORS = frozenset({"cursor", "startCursor", "endCursor"})
"""They hide ids, which are new in each registry."""
QUERIES = documents(SCHEMA, VALUES)
MUTATIONS = documents(SCHEMA, VALUES, mutating=True, without=CURSORS)
FAILING_CALLS = st.frozensets(st.integers(0, 5), min_size=1, max_size=2)
SPOILED = st.dictionaries(
    st.sampled_from(ATTRIBUTES), st.sampled_from(WRONG), min_size=1, max_size=2
)


_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|datetime\.datetime\([^)]*\)")
_NEW_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
often = pytest.mark.parametrize(
    "examples", [25, pytest.param(300, marks=pytest.mark.slow)], ids=["some", "many"]
)


@pytest.fixture(scope="module")
def executors() -> Iterator[Executors]:
    made = Executors()
    yield made
    made.close()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a registry, which nobody has open."""
    path = tmp_path_factory.mktemp("cast") / "registry.db"
    store = SpoilingStore(path)
    fill(store)
    store.close()
    spoil_ratings(path)
    return path


@pytest.fixture(scope="module")
def store(path: Path) -> Iterator[SpoilingStore]:
    made = SpoilingStore(path)
    yield made
    made.close()


Answers = Callable[..., tuple[Outcome, Outcome]]


@pytest.fixture(scope="module")
def answers(executors: Executors, store: SpoilingStore) -> Answers:
    """What our executor and the plain one make of a request to a store that is not well."""

    def both(
        asked: Asked,
        failing: str | None = None,
        failing_calls: frozenset[int] = frozenset(),
        spoiled: Mapping[str, Any] | None = None,
    ) -> tuple[Outcome, Outcome]:
        store.failure = StoreUnavailableError(failing) if failing else None
        store.failing, store.failing_calls, store.spoiled = (
            failing,
            failing_calls,
            spoiled or {},
        )
        outcomes = []
        for schema in (OURS, PLAIN):
            store.calls.clear()
            outcomes.append(executors.outcome(schema, asked, store))
        return outcomes[0], outcomes[1]

    return both


@given(asked=st.one_of(QUERIES, MUTATIONS))
@settings(max_examples=20)
def test_what_is_asked_in_these_tests_is_valid(asked: Asked) -> None:
    # Executors do not mind how deep introspection goes, so it is drawn deeper than is served.
    rules = [rule for rule in specified_rules if rule is not MaxIntrospectionDepthRule]

    assert validate(SCHEMA, parse(asked.query), rules) == []


def alike(answers: Answers, asked: Asked, **how: Any) -> None:
    ours, plain = answers(asked, **how)
    assert ours.settled() == plain.settled()


@often
def test_a_query_is_answered_alike(answers: Answers, examples: int) -> None:
    @settings(max_examples=examples)
    @given(asked=QUERIES)
    def holds(asked: Asked) -> None:
        alike(answers, asked)

    holds()


@often
def test_a_query_fails_alike_where_the_store_fails(answers: Answers, examples: int) -> None:
    @settings(max_examples=examples)
    @given(asked=QUERIES, failing=st.sampled_from(METHODS))
    def holds(asked: Asked, failing: str) -> None:
        alike(answers, asked, failing=failing)

    holds()


@often
def test_a_query_fails_alike_where_records_hold_what_they_cannot(
    answers: Answers, examples: int
) -> None:
    @settings(max_examples=examples)
    @given(asked=QUERIES, spoiled=SPOILED)
    def holds(asked: Asked, spoiled: Mapping[str, Any]) -> None:
        alike(answers, asked, spoiled=spoiled)

    holds()


@often
def test_where_some_calls_fail_the_rest_of_the_answer_is_right(
    answers: Answers, examples: int
) -> None:
    @settings(max_examples=examples)
    @given(asked=QUERIES, failing=FAILING_CALLS)
    def holds(asked: Asked, failing: frozenset[int]) -> None:
        whole, _ = answers(asked)
        ours, _ = answers(asked, failing_calls=failing)
        ours.assert_is_part_of(whole)

    holds()


@often
def test_a_mutation_does_and_answers_alike(
    executors: Executors, path: Path, examples: int
) -> None:
    @settings(max_examples=examples)
    @given(asked=MUTATIONS)
    def holds(asked: Asked) -> None:
        ours, plain = (changed(executors, of, path, asked) for of in (OURS, PLAIN))
        assert ours == plain

    holds()


def changed(executors: Executors, of: Any, path: Path, asked: Asked) -> tuple[Any, ...]:
    """What a mutation of a registry's copy comes to, what it calls and what it leaves."""
    with TemporaryDirectory() as folder:
        store = SpoilingStore(Path(shutil.copy(path, folder)))
        try:
            told = executors.outcome(of, asked, store)
            left = [repr(artifact) for artifact in store.scan()]
        finally:
            store.close()
    return anonymous(told.settled()), store.calls, anonymous(left)


def anonymous(told: object) -> str:
    """What is told, with new ids by the order in which they come, and without times."""
    ids: dict[str, str] = {}
    text = _TIME.sub("now", repr(told))
    return _NEW_ID.sub(lambda found: ids.setdefault(found[0], f"new {len(ids)}"), text)
