"""Items that expire: changes, deleted artifacts, and the log but for its newest segments."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from storage.dynamodb.store import DynamoStore
from storage.errors import StoreSetupError
from tests.storage.contract.recorded_changes import ManualClock
from tests.storage.dynamodb.recorded_calls import operations, record_calls
from tests.storage.dynamodb.table_items import all_items, set_attributes
from tests.storage.engines import DYNAMO_ENGINES, opened
from tests.storage.samples import DATASET, START, new_artifact
from tests.storage.store_calls import delete, register

DAY = timedelta(days=1)
TOMORROW = {"N": str(int((START + DAY).timestamp()))}


@pytest.fixture(params=DYNAMO_ENGINES)
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DynamoStore]:
    """A table with a few changes, a deleted artifact and two segments of one shard."""
    with opened(request.param, tmp_path, ManualClock()) as made:
        assert isinstance(made, DynamoStore)
        set_attributes(made, "meta#schema", shards={"N": "1"})
        made.ensure()
        artifacts = register(made, *(new_artifact(DATASET, f"d{n}") for n in range(12)))
        delete(made, artifacts[0])
        yield made


def _set(store: DynamoStore, retention: timedelta | None) -> list[tuple[int, int]]:
    """Set the retention, and return the progress that is shown."""
    shown: list[tuple[int, int]] = []
    store.set_retention(retention, lambda _, done, total: shown.append((done, total)))
    return shown


def _expiring(store: DynamoStore) -> dict[str, object]:
    items = all_items(store)
    return {key: each["expires_at"] for key, each in items.items() if "expires_at" in each}


def test_changes_and_deleted_artifacts_get_the_time_at_which_they_expire(
    filled: DynamoStore,
) -> None:
    assert _expiring(filled) == {}

    shown = _set(filled, DAY)

    assert filled.get_retention() == DAY
    expiring = _expiring(filled)
    kinds = sorted(key.split("#")[0] for key in expiring)
    assert kinds == ["change"] * 13 + ["deleted", "log"]
    assert {str(each) for key, each in expiring.items() if key.endswith("#1")} == {
        str(TOMORROW)
    }
    assert shown[-1][0] == shown[-1][1]


def test_the_newest_segment_of_the_log_never_expires(filled: DynamoStore) -> None:
    _set(filled, DAY)

    (segment,) = (key for key in _expiring(filled) if key.startswith("log#"))
    assert segment.endswith("#0#1")
    assert f"{segment[:-1]}2" in all_items(filled)


def test_without_a_retention_nothing_expires(filled: DynamoStore) -> None:
    _set(filled, DAY)

    _set(filled, None)

    assert filled.get_retention() is None
    assert _expiring(filled) == {}


def test_setting_the_same_retention_again_writes_no_items(filled: DynamoStore) -> None:
    _set(filled, DAY)

    with record_calls(filled) as calls:
        _set(filled, DAY)

    assert operations(calls).count("TransactWriteItems") == 1


def test_the_table_deletes_expired_items(filled: DynamoStore) -> None:
    _set(filled, DAY)

    answer = filled.client.control.describe_time_to_live(TableName=filled.name)

    ttl = answer["TimeToLiveDescription"]
    assert (ttl["TimeToLiveStatus"], ttl["AttributeName"]) == ("ENABLED", "expires_at")


def test_a_table_that_expires_by_another_attribute_is_refused(filled: DynamoStore) -> None:
    filled.client.control.update_time_to_live(
        TableName=filled.name,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"},
    )

    with pytest.raises(StoreSetupError, match="has a TTL of the attribute ttl"):
        _set(filled, DAY)

    assert filled.get_retention() is None
    assert _expiring(filled) == {}
