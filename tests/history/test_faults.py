"""Where a fifth of all calls fail, answers are right or STORE_UNAVAILABLE, never half done."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from storage import inputs
from storage.dynamodb.store import DynamoStore
from storage.errors import StoreUnavailableError
from storage.records import Artifact, ArtifactType, OnConflict, Registered
from tests.history import faults
from tests.history.checker import contradictions
from tests.history.faults import Fault, Faults
from tests.history.mix import run_clients
from tests.storage.engines import ENGINES

pytestmark = pytest.mark.skipif(
    "dynamodb-local" not in ENGINES, reason="moto knows no request tokens"
)


@pytest.fixture
def store() -> Iterator[DynamoStore]:
    made = DynamoStore(f"faults_{uuid4().hex}", "us-east-2")
    made.create()
    yield made
    made.client.boto.delete_table(TableName=made.name)
    made.close()


def test_a_fifth_of_all_calls_failing_loses_nothing(store: DynamoStore) -> None:
    injected = Faults(store.client, share=0.2, seed=5)

    history = run_clients(store, seed=5, operations=100)

    injected.stop()
    assert injected.count > 100
    assert list(contradictions(store, history)) == []
    assert sum(told["answer"] == "unknown" for told in history) < len(history) / 10


@pytest.mark.parametrize("fault", [faults.cut_after, faults.late, faults.in_progress])
def test_a_write_whose_answer_is_lost_takes_effect_once_and_succeeds(
    store: DynamoStore, fault: Fault
) -> None:
    lost = Faults(store.client, share=0.0)
    fields = {"url": "https://example.org/bert", "name": "bert"}

    lost.next_write(fault)
    (made,) = store.register([inputs.draft(ArtifactType.MODEL, fields)], OnConflict.REJECT)
    assert isinstance(made, Registered)
    lost.next_write(fault)
    renamed = store.update(made.artifact.id, None, {"name": "BERT base"})
    assert isinstance(renamed, Artifact)
    lost.next_write(fault)
    deleted = store.delete(made.artifact.id, None)

    assert (renamed.version, renamed.name) == (2, "BERT base")
    assert deleted == renamed
    assert lost.count == 3
    assert list(store.scan()) == []
    assert list(store.check()) == []


def test_a_store_that_is_down_is_no_empty_store(store: DynamoStore) -> None:
    down = Faults(store.client, share=1.0, kinds=[faults.refused])
    asks: list[Callable[[], object]] = [
        lambda: store.get(["a"]),
        lambda: store.delete("a", None),
        store.ping,
    ]

    for ask in asks:
        with pytest.raises(StoreUnavailableError):
            ask()

    down.stop()
    store.ping()
