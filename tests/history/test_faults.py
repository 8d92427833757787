"""Where a fifth of all calls fail, answers are right or STORE_UNAVAILABLE, never half done."""

from collections.abc import Callable

import pytest

from storage.dynamodb.store import DynamoStore
from storage.errors import StoreUnavailableError
from tests.history import faults
from tests.history.checker import contradictions
from tests.history.faults import Faults
from tests.history.mix import run_clients


@pytest.mark.slow
def test_a_fifth_of_all_calls_failing_loses_nothing(dynamo: DynamoStore) -> None:
    injected = Faults(dynamo.client, share=0.2, seed=5)

    history = run_clients(dynamo, seed=5, operations=100)

    injected.stop()
    assert injected.count > 100
    assert list(contradictions(dynamo, history)) == []
    assert sum(told["answer"] == "unknown" for told in history) < len(history) / 10


def test_a_store_that_is_down_is_no_empty_store(dynamo: DynamoStore) -> None:
    down = Faults(dynamo.client, share=1.0, kinds=[faults.refused])
    asks: list[Callable[[], object]] = [
        lambda: dynamo.get(["a"]),
        lambda: dynamo.delete("a", None),
        dynamo.ping,
    ]

    for ask in asks:
        with pytest.raises(StoreUnavailableError):
            ask()

    down.stop()
    dynamo.ping()
