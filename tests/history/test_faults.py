"""Calls that fail cause retries or `StoreUnavailableError`, and no write is done in part."""

from collections.abc import Callable

import pytest

from storage.dynamodb.store import DynamoStore
from storage.errors import StoreUnavailableError
from tests.history import faults
from tests.history.checker import find_contradictions
from tests.history.concurrent_clients import run_clients
from tests.history.faults import Faults


@pytest.mark.slow
def test_no_write_is_lost_if_a_fifth_of_all_calls_fail(dynamo: DynamoStore) -> None:
    injected = Faults(dynamo.client, share=0.2, seed=5)

    history = run_clients(dynamo, seed=5, operations=100)

    injected.stop()
    assert injected.count > 100
    assert list(find_contradictions(dynamo, history)) == []
    assert sum(entry["answer"] == "unknown" for entry in history) < len(history) / 10


def test_an_unreachable_table_is_an_error(dynamo: DynamoStore) -> None:
    down = Faults(dynamo.client, share=1.0, kinds=[faults.refuse_connection])
    calls: list[Callable[[], object]] = [
        lambda: dynamo.get(["a"]),
        lambda: dynamo.delete("a", None),
        dynamo.ping,
    ]

    for call in calls:
        with pytest.raises(StoreUnavailableError):
            call()

    down.stop()
    dynamo.ping()
