"""Many clients while indexes lag: nothing is lost, and trust in an index is found."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from storage.artifacts.records import Artifact
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.items.codec import decode_resolved
from storage.dynamodb.reads import reverse_links
from storage.dynamodb.schema.attributes import Item
from storage.dynamodb.store import DynamoStore
from storage.dynamodb.writes import execute, item_updates, succession, transitions
from storage.dynamodb.writes.transitions import Transition
from tests.history.checker import contradictions
from tests.history.lag import Lag, at_random
from tests.history.mix import run_clients
from tests.history.staleness import stale_answers
from tests.storage.engines import ENGINES, REGION, table

Patch = pytest.MonkeyPatch
needs_a_real_store = pytest.mark.skipif(
    "dynamodb-local" not in ENGINES, reason="many clients at once need a real store"
)


@pytest.fixture
def real() -> Iterator[DynamoStore]:
    with table() as made:
        yield made


def test_clients_lose_nothing_while_indexes_lag(dynamo: DynamoStore) -> None:
    lag = Lag(dynamo, at_random(1))

    history = run_clients(dynamo, seed=1, operations=20)

    assert list(stale_answers(dynamo)) == []
    lag.catch_up()
    assert list(contradictions(dynamo, history)) == []


@pytest.mark.slow
@needs_a_real_store
@pytest.mark.parametrize("scattered", [False, True], ids=["whole", "scattered"])
def test_clients_of_two_stores_lose_nothing_while_indexes_lag(
    real: DynamoStore, scattered: bool
) -> None:
    lag, other = Lag(real, at_random(2), scattered=scattered), DynamoStore(real.name, REGION)
    lag.share(other)

    with ThreadPoolExecutor() as threads:
        parts = list(threads.map(run_clients, (real, other), (2, 1_002), (300, 300)))

    other.close()
    history = [told for part in parts for told in part]
    assert sum(told["answer"] == "unknown" for told in history) < len(history) / 100
    assert list(stale_answers(real)) == []
    lag.catch_up()
    assert list(contradictions(real, history)) == []


def whom_the_index_shows_follows(patch: Patch) -> None:
    leave = transitions._leave_name  # noqa: SLF001 - the bug is planted where it would be made

    def trusting(
        client: DynamoClient, steps: Iterable[Transition], items: Mapping[str, Item]
    ) -> dict[str, Artifact]:
        found: dict[str, Artifact] = {}
        for step in steps:
            if (owner := step.before) and transitions.needs_successor(step, items):
                key = transitions.name_item_key(owner) or ""
                (page,) = client.query([succession._query(key)], 2)  # noqa: SLF001 - likewise
                for resolved in (decode_resolved(item["named_key"]["S"]) for item in page):
                    if resolved.id != owner.id and resolved.named_at:
                        found[key] = replace(owner, id=resolved.id, named_at=resolved.named_at)
        return found

    def unchecked(*arguments: Any) -> Iterator[item_updates.Action]:
        return (action for action in leave(*arguments) if "ConditionCheck" not in action)

    patch.setattr(execute, "find_successors", trusting)
    patch.setattr(transitions, "_leave_name", unchecked)


def the_reverse_index_is_believed(patch: Patch) -> None:
    patch.setattr(reverse_links.ReverseLinkCursor, "is_linked_from", lambda *_: True)


@pytest.mark.slow
@needs_a_real_store
@pytest.mark.parametrize(
    "plant",
    [whom_the_index_shows_follows, the_reverse_index_is_believed],
    ids=lambda plant: plant.__name__,
)
def test_trust_in_an_index_is_found(
    real: DynamoStore, plant: Callable[[Patch], None], monkeypatch: Patch
) -> None:
    plant(monkeypatch)

    assert any(found_in_mixes(real, 12))


def found_in_mixes(store: DynamoStore, mixes: int) -> Iterator[bool]:
    history: list[dict[str, Any]] = []
    for seed in range(mixes):
        lag = Lag(store, at_random(seed), scattered=True)
        history += run_clients(store, seed, operations=100)
        lag.fall_behind()
        stale = next(stale_answers(store), None)
        lag.catch_up()
        yield bool(stale or next(contradictions(store, history), None))
