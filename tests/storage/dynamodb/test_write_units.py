"""The write units of each write, which do not grow with what is stored already."""

from collections.abc import Callable
from itertools import count

import pytest

from storage.artifacts.rating import Rating, encode_rating
from storage.artifacts.records import Artifact
from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.write_units import measure_units
from tests.storage.engines import REGION
from tests.storage.samples import (
    CODE,
    DATASET,
    MODEL,
    by_name,
    by_url,
    new_artifact,
    rating,
    squad,
    url_for,
)
from tests.storage.store_calls import delete, register, register_one, update

Grow = Callable[[DynamoStore], None]
_numbers = count()


@pytest.fixture
def store(moto: DynamoStore) -> DynamoStore:
    """A store whose log has one shard, so that it is known which segment is written."""
    moto.client.control.update_item(
        TableName=moto.name,
        Key={"artifact_id": {"S": "meta#schema"}},
        UpdateExpression="SET shards = :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    store = DynamoStore(moto.name, REGION)
    store.ensure()
    return store


def begin_segment(store: DynamoStore) -> None:
    """Fill the newest segment of the log with one transaction, and begin the next one."""
    register(store, *(new_artifact(CODE, f"c{next(_numbers)}") for _ in range(12)))
    register_one(store, new_artifact(CODE, f"c{next(_numbers)}"))


def add_nothing(_: DynamoStore) -> None:
    pass


def add_namesakes(store: DynamoStore) -> None:
    register(store, *(squad(url=f"https://x.org/{n}") for n in range(60)))


def add_models(store: DynamoStore) -> None:
    references = by_name(DATASET, "squad"), by_url(DATASET, url_for(DATASET, "squad"))
    register(store, *(new_artifact(MODEL, f"m{n}", *references) for n in range(60)))


def write_often(store: DynamoStore, artifact: Artifact, times: int) -> Artifact:
    for n in range(times):
        artifact = update(store, artifact, license=f"l{n}")
    return artifact


@pytest.mark.parametrize("grow", [add_nothing, add_namesakes, add_models])
def test_a_dataset_takes_eleven_units(store: DynamoStore, grow: Grow) -> None:
    grow(store)
    begin_segment(store)

    with measure_units(store) as units:
        register_one(store, squad())

    assert units == {"items": 10, "by_bearing": 1}
    assert sum(units.values()) == 11


@pytest.mark.parametrize("grow", [add_nothing, add_namesakes, add_models])
def test_a_model_takes_three_units_more_for_each_reference(
    store: DynamoStore, grow: Grow
) -> None:
    grow(store)
    begin_segment(store)

    with measure_units(store) as units:
        register_one(
            store,
            new_artifact(MODEL, "bert", by_name(DATASET, "squad"), by_name(CODE, "trainer")),
        )

    assert units == {"items": 14, "by_bearing": 1, "by_reference": 2}
    assert sum(units.values()) == 17


@pytest.mark.parametrize("updates", [0, 30])
def test_a_rating_takes_twice_its_item_twice_its_change_and_two_units(
    store: DynamoStore, updates: int
) -> None:
    model = write_often(store, register_one(store, new_artifact(MODEL, "bert")), updates)
    begin_segment(store)

    with measure_units(store) as units:
        update(store, model, rating=encode_rating(Rating(net_score=0.5)))
    assert units == {"items": 6}

    with measure_units(store) as units:
        update(store, model, rating=rating())
    assert units == {"items": 2 * 2 + 2 + 2}


@pytest.mark.parametrize("grow", [add_nothing, add_namesakes, add_models])
@pytest.mark.parametrize("updates", [0, 30])
def test_an_update_and_a_deletion_take_the_same_whatever_is_stored(
    store: DynamoStore, grow: Grow, updates: int
) -> None:
    grow(store)
    target = write_often(store, register_one(store, new_artifact(DATASET, "glue")), updates)
    begin_segment(store)

    with measure_units(store) as units:
        target = update(store, target, license="mit")
    assert units == {"items": 6}

    with measure_units(store) as units:
        delete(store, target)
    assert units == {"items": 12, "by_bearing": 1}


def test_the_first_registration_of_a_table_takes_no_more(moto: DynamoStore) -> None:
    with measure_units(moto) as units:
        register_one(moto, squad())

    assert units == {"items": 10, "by_bearing": 1}


def test_a_full_segment_of_the_log_takes_two_units_more(store: DynamoStore) -> None:
    register(store, *(new_artifact(CODE, f"c{n}") for n in range(12)))

    with measure_units(store) as units:
        register_one(store, squad())

    assert units == {"items": 12, "by_bearing": 1}
