"""Writes put right what other programs did to the side items of the artifacts they write."""

from collections.abc import Callable
from typing import Any

import pytest

from storage.artifacts.records import Artifact
from storage.artifacts.writes import Deleted, Identity, OnConflict, Written
from storage.dynamodb.store import DynamoStore
from tests.storage.samples import (
    DATASET,
    MODEL,
    START,
    UNKNOWN_ID,
    by_name,
    new_artifact,
    squad,
)
from tests.storage.store_calls import find_by_name, find_by_url, register, register_one, update

NAME = "name#dataset#squad"
BERT = "name#model#bert"
FIRST, SECOND = "https://x.org/1", "https://x.org/2"
EARLY, LATE = "2001-01-01T00:00:00.000000Z", "2999-01-01T00:00:00.000000Z"
Damage = Callable[[DynamoStore], None]
Write = Callable[[DynamoStore, Artifact, Artifact], None]


def delete_item(store: DynamoStore, key: str) -> None:
    store.client.control.delete_item(TableName=store.name, Key={"artifact_id": {"S": key}})


def change_item(store: DynamoStore, key: str, **attributes: Any) -> None:
    """Set attributes of an item, or remove those that are None."""
    old = store.client.get_items([key]).get(key, {"artifact_id": {"S": key}})
    changed = {name: value for name, value in {**old, **attributes}.items() if value}
    store.client.control.put_item(TableName=store.name, Item=changed)


def set_owner(text: str) -> Damage:
    return lambda store: change_item(store, NAME, owner={"S": text})


def set_last_since(value: dict[str, str] | None) -> Damage:
    return lambda store: change_item(store, NAME, last_since=value)


NAME_DAMAGE: dict[str, Damage] = {
    "missing": lambda store: delete_item(store, NAME),
    "vacant": lambda store: change_item(store, NAME, owner=None),
    "owner_gone": set_owner(f"{EARLY}#{UNKNOWN_ID}"),
    "owner_late": set_owner(f"{LATE}#{UNKNOWN_ID}"),
    "owner_without_time": set_owner(UNKNOWN_ID),
    "owner_without_id": set_owner(f"{EARLY}#"),
    "owner_no_id": set_owner(f"{EARLY}#ä ö"),
    "owner_text": set_owner("somebody"),
    "owner_empty": set_owner(""),
    "owner_number": lambda store: change_item(store, NAME, owner={"N": "7"}),
    "owner_list": lambda store: change_item(store, NAME, owner={"L": []}),
    "since_missing": set_last_since(None),
    "since_early": set_last_since({"S": EARLY}),
    "since_text": set_last_since({"S": "zzz"}),
    "since_number": set_last_since({"N": "1"}),
    "since_end": set_last_since({"S": "9999-12-31T23:59:59.999999Z"}),
    "since_offset": set_last_since({"S": "2001-01-01T00:00:00+05:00"}),
    "everything": lambda store: change_item(
        store, NAME, owner={"SS": ["x"]}, last_since={"M": {}}
    ),
}
URL_DAMAGE: dict[str, Damage] = {
    "missing": lambda store: delete_item(store, f"url#dataset#{FIRST}"),
    "owner_gone": lambda store: change_item(
        store, f"url#dataset#{FIRST}", owner={"S": UNKNOWN_ID}
    ),
    "owner_number": lambda store: change_item(store, f"url#dataset#{FIRST}", owner={"N": "1"}),
    "owner_missing": lambda store: change_item(store, f"url#dataset#{FIRST}", owner=None),
    "owner_empty": lambda store: change_item(store, f"url#dataset#{FIRST}", owner={"S": ""}),
}


def register_namesake(store: DynamoStore, *_: Artifact) -> None:
    register_one(store, squad(url="https://x.org/3"))


def update_owner(store: DynamoStore, first: Artifact, _: Artifact) -> None:
    update(store, first, license="mit")


def update_namesake(store: DynamoStore, _: Artifact, second: Artifact) -> None:
    update(store, second, license="mit")


def rename_owner(store: DynamoStore, first: Artifact, _: Artifact) -> None:
    update(store, first, name="glue")


def rename_namesake(store: DynamoStore, _: Artifact, second: Artifact) -> None:
    update(store, second, name="glue")


def delete_owner(store: DynamoStore, first: Artifact, _: Artifact) -> None:
    assert isinstance(store.delete(first.id, None), Deleted)


def delete_namesake(store: DynamoStore, _: Artifact, second: Artifact) -> None:
    assert isinstance(store.delete(second.id, None), Deleted)


def restore_owner(store: DynamoStore, first: Artifact, _: Artifact) -> None:
    assert isinstance(store.delete(first.id, None), Deleted)
    assert isinstance(store.restore(first.id), Written)


def move_owner(store: DynamoStore, first: Artifact, _: Artifact) -> None:
    update(store, first, url="https://x.org/moved")


LEAVING = rename_owner, delete_owner, restore_owner
OTHER_WRITES = (
    update_namesake,
    rename_owner,
    rename_namesake,
    delete_namesake,
    restore_owner,
    move_owner,
)
COMMON_DAMAGE = "missing", "owner_gone", "since_missing"
CASES = [
    pytest.param(damage, write, id=f"{name}-{write.__name__}")
    for name, damage in NAME_DAMAGE.items()
    for write in (
        register_namesake,
        update_owner,
        delete_owner,
        *(OTHER_WRITES if name in COMMON_DAMAGE else ()),
    )
]


@pytest.mark.parametrize(("damage", "write"), CASES)
def test_the_next_write_gives_a_name_to_whoever_has_had_it_longest(
    dynamo: DynamoStore, damage: Damage, write: Write
) -> None:
    first, second = register(dynamo, squad(url=FIRST), squad(url=SECOND))
    damage(dynamo)

    write(dynamo, first, second)

    owner = find_by_name(dynamo, DATASET, "squad")
    assert owner is not None
    assert owner.id == (second.id if write in LEAVING else first.id)
    assert list(dynamo.check()) == []
    last = register_one(dynamo, squad(url="https://x.org/last"))
    assert find_by_name(dynamo, DATASET, "squad") == owner
    assert last.named_at > max(second.named_at, owner.named_at)


@pytest.mark.parametrize("damage", NAME_DAMAGE.values(), ids=list(NAME_DAMAGE))
def test_a_name_that_nobody_has_any_more_can_be_taken(
    dynamo: DynamoStore, damage: Damage
) -> None:
    register_one(dynamo, squad(url=FIRST))
    dynamo.delete(register_one(dynamo, squad(url=SECOND)).id, None)
    (first,) = [find_by_url(dynamo, DATASET, FIRST)]
    assert first is not None
    damage(dynamo)
    assert isinstance(dynamo.delete(first.id, None), Deleted)
    damage(dynamo)

    registered = register_one(dynamo, squad(url=FIRST))

    assert find_by_name(dynamo, DATASET, "squad") == registered
    assert sum(dynamo.reset()) == 1


@pytest.mark.parametrize("damage", URL_DAMAGE.values(), ids=list(URL_DAMAGE))
@pytest.mark.parametrize("write", [update_owner, rename_owner, restore_owner, move_owner])
def test_the_next_write_of_an_artifact_puts_back_its_url(
    dynamo: DynamoStore, damage: Damage, write: Write
) -> None:
    first, second = register(dynamo, squad(url=FIRST), squad(url=SECOND))
    damage(dynamo)

    write(dynamo, first, second)

    found = find_by_url(dynamo, DATASET, FIRST) or find_by_url(
        dynamo, DATASET, "https://x.org/moved"
    )
    assert found is not None
    assert found.id == first.id
    url_items = [each.about for each in dynamo.check() if each.about != f"url#dataset#{FIRST}"]
    assert url_items == []


@pytest.mark.parametrize("damage", URL_DAMAGE.values(), ids=list(URL_DAMAGE))
def test_a_url_that_nobody_has_can_be_taken(dynamo: DynamoStore, damage: Damage) -> None:
    damage(dynamo)

    (result,) = dynamo.register([new_artifact(DATASET, "squad", url=FIRST)], OnConflict.REJECT)

    assert isinstance(result, Written)
    assert find_by_url(dynamo, DATASET, FIRST) == result.artifact
    assert list(dynamo.check()) == []


@pytest.mark.parametrize("bearers", [0, 2])
def test_the_largest_registration_takes_over_a_url_and_a_name_from_the_dead(
    dynamo: DynamoStore, bearers: int
) -> None:
    namesakes = [new_artifact(MODEL, "bert", url=f"https://x.org/n{n}") for n in range(bearers)]
    others = register(dynamo, *namesakes)
    references = [by_name(DATASET, f"d{n}") for n in range(90)]
    identity = Identity(
        id="imported", version=7, created_at=START, updated_at=START, named_at=START
    )
    new = new_artifact(MODEL, "bert", *references, url=FIRST, identity=identity)
    for key, owner in (("url#model#" + FIRST, UNKNOWN_ID), (BERT, f"{EARLY}#{UNKNOWN_ID}")):
        change_item(dynamo, key, owner={"S": owner})

    (model,) = register(dynamo, new)

    assert find_by_name(dynamo, MODEL, "bert") == (others[0] if others else model)
    moved = [by_name(DATASET, f"d{n}") for n in (*range(48), *range(100, 142))]
    update(dynamo, model, name="roberta", url=SECOND, datasets=tuple(moved))
    assert isinstance(dynamo.delete(model.id, None), Deleted)
    assert isinstance(dynamo.restore(model.id), Written)
    assert list(dynamo.check()) == []
