"""Copies follow logs that do not simply go on where they ended."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from storage.dynamodb.store import DynamoStore
from storage.errors import StoreUnavailableError
from storage.search.pages import Window
from tests.storage.contract.recorded_changes import ManualClock
from tests.storage.dynamodb.outage import outage_after
from tests.storage.dynamodb.recorded_calls import change_answers
from tests.storage.dynamodb.search.servers import Seconds, listed, server, stored
from tests.storage.dynamodb.table_items import (
    Item,
    all_items,
    delete_expired,
    delete_item,
    put_item,
    set_attributes,
)
from tests.storage.engines import opened
from tests.storage.samples import DATASET, listing, new_artifact, squad
from tests.storage.store_calls import delete, register, register_one, update


@pytest.fixture
def reader(moto: DynamoStore, tmp_path: Path) -> Iterator[DynamoStore]:
    """A server of the table that always polls."""
    with server(moto, tmp_path / "reader") as store:
        yield store


def replace_items(store: DynamoStore, items: Mapping[str, Item]) -> None:
    """Make these the only items of the table, as a restoration in place does."""
    for key in all_items(store).keys() - items.keys():
        delete_item(store, key)
    for key, item in items.items():
        put_item(store, key, **{name: v for name, v in item.items() if name != "artifact_id"})


def write_many(store: DynamoStore, prefix: str) -> None:
    """Write to every shard of the log, whatever is drawn."""
    for artifact in register(
        store, *(new_artifact(DATASET, f"{prefix}{n}") for n in range(30))
    ):
        update(store, artifact, license="mit")


def test_a_reset_by_another_server_empties_the_listing(
    moto: DynamoStore, reader: DynamoStore
) -> None:
    write_many(moto, "d")
    page = reader.page(listing(), Window(10))
    assert len(page.entries) == 10

    assert sum(moto.reset()) == 30
    assert listed(reader) == []

    register(moto, squad(), new_artifact(DATASET, "abc"))
    assert listed(reader) == ["abc 1", "squad 1"]
    after = reader.page(listing(), Window(10, after=page.end))
    assert [entry.artifact.name for entry in after.entries] == ["squad"]


def test_an_interrupted_reset_leaves_a_listing_of_what_is_left(
    moto: DynamoStore, tmp_path: Path
) -> None:
    seconds = Seconds()
    write_many(moto, "d")
    with (
        server(moto, tmp_path / "a") as resetting,
        server(moto, tmp_path / "b", monotonic=seconds) as other,
    ):
        assert len(listed(resetting)) == len(listed(other)) == 30
        batches = resetting.reset()
        with outage_after(resetting, 2), pytest.raises(StoreUnavailableError):
            sum(batches)

        assert sorted(listed(resetting)) == stored(moto)
        listed(other)
        seconds.now += 31
        assert sorted(listed(other)) == stored(moto)
        list(resetting.reset())
        assert listed(resetting) == listed(other) == []


def test_a_table_restored_in_place_is_listed_as_it_is(
    moto: DynamoStore, reader: DynamoStore
) -> None:
    write_many(moto, "d")
    earlier = all_items(moto)
    write_many(moto, "e")
    assert sorted(listed(reader)) == stored(moto)

    replace_items(moto, earlier)

    assert sorted(listed(reader)) == stored(moto)
    assert reader.count(listing()) == 30


def test_a_table_restored_in_place_is_noticed_even_if_its_log_is_as_long_again(
    moto: DynamoStore, reader: DynamoStore
) -> None:
    write_many(moto, "d")
    earlier = all_items(moto)
    write_many(moto, "e")
    assert sorted(listed(reader)) == stored(moto)

    replace_items(moto, earlier)
    for prefix in "fghi":
        write_many(moto, prefix)

    assert sorted(listed(reader)) == stored(moto)
    assert reader.count(listing()) == 150


def test_an_entry_that_cannot_be_read_hides_no_change(
    moto: DynamoStore, reader: DynamoStore
) -> None:
    made = register_one(moto, squad())
    assert listed(reader) == ["squad 1"]
    before = all_items(moto)
    update(moto, made, name="glue")
    (changed,) = (
        key
        for key, item in all_items(moto).items()
        if key.startswith("log#") and item != before.get(key)
    )
    entries = all_items(moto)[changed]["entries"]["L"]

    set_attributes(moto, changed, entries={"L": [*entries[:-1], {"S": "##damaged"}]})

    assert listed(reader) == ["glue 2"]
    assert listed(reader) == ["glue 2"]


def test_segments_that_expired_before_they_were_read_hide_no_change(tmp_path: Path) -> None:
    clock = ManualClock()
    with opened("moto", tmp_path, clock) as table:
        assert isinstance(table, DynamoStore)
        set_attributes(table, "meta#schema", shards={"N": "1"}, retention={"N": "86400"})
        table.ensure()
        with server(table, tmp_path / "reader", clock=clock) as reader:
            assert listed(reader) == []
            write_many(table, "d")
            clock.advance(days=2)
            assert delete_expired(table, clock())

            assert sorted(listed(reader)) == stored(table)


def test_a_segment_that_was_read_before_its_successor_was_begun_loses_no_entry(
    moto: DynamoStore, reader: DynamoStore
) -> None:
    """The items of one call are not read at the same moment."""
    made = register_one(moto, squad())
    before = all_items(moto)
    assert listed(reader) == ["squad 1"]
    for n in range(200):
        made = update(moto, made, license=f"{n}")
    others = register(moto, *(new_artifact(DATASET, f"d{n}") for n in range(5)))
    delete(moto, others[0])
    answered: list[str] = []

    def answer_with_old_segments(answer: dict[str, Any]) -> None:
        for items in answer["Responses"].values():
            for at, item in enumerate(items):
                key = item["artifact_id"]["S"]
                if key.startswith("log#") and key.endswith("#1") and key not in answered:
                    answered.append(key)
                    items[at] = before[key]

    with change_answers(reader, "BatchGetItem", answer_with_old_segments):
        found = listed(reader)

    assert len(answered) == 8
    assert sorted(found) == stored(moto)


def test_damaged_items_are_left_out_until_they_are_written_anew(
    moto: DynamoStore, reader: DynamoStore
) -> None:
    damaged, other = register(moto, squad(), new_artifact(DATASET, "glue"))
    right = all_items(moto)[damaged.id]["artifact"]
    set_attributes(moto, damaged.id, artifact={"S": "{"})

    assert listed(reader) == ["glue 1"]

    set_attributes(moto, damaged.id, artifact=right)
    update(moto, damaged, license="mit")
    update(moto, other, license="mit")
    assert listed(reader) == ["glue 2", "squad 2"]
