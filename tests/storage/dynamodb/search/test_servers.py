"""The listings of a server have its own writes, and those of other servers."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ConnectionClosedError

from storage.dynamodb.store import DynamoStore
from storage.errors import StoreUnavailableError
from storage.search.pages import Window
from tests.storage.dynamodb.recorded_calls import (
    change_answers,
    error_answer,
    replace_answers,
)
from tests.storage.dynamodb.search.servers import (
    Seconds,
    listed,
    server,
    stored,
)
from tests.storage.samples import DATASET, listing, new_artifact, squad
from tests.storage.store_calls import delete, read_all, register, register_one, update


def test_a_server_lists_what_another_wrote_after_the_maximum_age(
    servers: tuple[DynamoStore, DynamoStore], seconds: Seconds
) -> None:
    writer, reader = servers
    kept, gone = register(writer, squad(), new_artifact(DATASET, "glue"))
    assert listed(reader) == ["glue 1", "squad 1"]

    update(writer, kept, license="mit")
    delete(writer, gone)
    register(writer, new_artifact(DATASET, "imdb"))
    seconds.now += 59
    assert listed(reader) == ["glue 1", "squad 1"]
    seconds.now += 2
    assert listed(reader) == ["imdb 1", "squad 2"]


def test_a_server_whose_maximum_age_is_zero_lists_what_others_wrote_at_once(
    moto: DynamoStore, tmp_path: Path
) -> None:
    with (
        server(moto, tmp_path / "a") as writer,
        server(moto, tmp_path / "b") as reader,
    ):
        assert listed(reader) == []
        made = register_one(writer, squad())
        assert listed(reader) == ["squad 1"]
        update(writer, made, name="glue")
        assert listed(reader) == ["glue 2"]
        assert reader.count(listing()) == 1
        delete(writer, made)
        assert listed(reader) == []
        assert reader.count(listing()) == 0


def test_a_server_lists_its_own_writes_at_once_in_every_thread(
    servers: tuple[DynamoStore, DynamoStore],
) -> None:
    store, _ = servers
    assert listed(store) == []

    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(register_one, store, squad()).result()
        assert listed(store) == ["squad 1"]
        pool.submit(update, store, made, name="glue").result()
        assert listed(store) == ["glue 2"]
        pool.submit(delete, store, made).result()
        assert listed(store) == []
        pool.submit(store.restore, made.id).result()
        assert listed(store) == ["glue 4"]
        pool.submit(lambda: list(store.reset())).result()
        assert listed(store) == []


def test_a_server_lists_its_write_whose_answer_was_lost(
    servers: tuple[DynamoStore, DynamoStore],
) -> None:
    store, _ = servers
    made = register_one(store, squad())
    assert listed(store) == ["squad 1"]

    def lose(_: dict[str, object]) -> None:
        raise ConnectionClosedError(endpoint_url="https://example.org")

    with (
        change_answers(store, "TransactWriteItems", lose),
        pytest.raises(StoreUnavailableError),
    ):
        update(store, made, name="glue")

    assert listed(store) == ["glue 2"]


def test_a_page_after_another_server_s_page_shows_all_that_it_showed(
    servers: tuple[DynamoStore, DynamoStore],
) -> None:
    writer, reader = servers
    register(writer, *(new_artifact(DATASET, f"d{n}") for n in range(3)))
    assert listed(reader) == ["d0 1", "d1 1", "d2 1"]

    register_one(writer, new_artifact(DATASET, "d3"))
    page = writer.page(listing(), Window(2))
    rest = reader.page(listing(), Window(10, after=page.end))

    assert [entry.artifact.name for entry in rest.entries] == ["d2", "d3"]
    assert (rest.has_previous, rest.has_next) == (True, False)


def test_a_poll_that_fails_fails_the_listing_and_no_lookup_or_write(
    servers: tuple[DynamoStore, DynamoStore], seconds: Seconds
) -> None:
    _, store = servers
    made = register_one(store, squad())
    assert listed(store) == ["squad 1"]
    seconds.now += 61

    with (
        replace_answers(store, "BatchGetItem", error_answer("AccessDeniedException")),
        pytest.raises(StoreUnavailableError),
    ):
        store.page(listing(), Window(20))
    with (
        replace_answers(store, "BatchGetItem", error_answer("AccessDeniedException")),
        pytest.raises(StoreUnavailableError),
    ):
        store.count(listing())

    assert store.get([made.id]) == {made.id: made}
    update(store, made, license="mit")
    assert listed(store) == ["squad 2"]


def test_many_changes_of_others_are_all_listed(moto: DynamoStore, tmp_path: Path) -> None:
    with server(moto, tmp_path / "a") as reader:
        assert listed(reader) == []
        made = register(moto, *(new_artifact(DATASET, f"d{n}") for n in range(180)))
        for artifact in made[::2]:
            update(moto, artifact, license="mit")
        for artifact in made[::3]:
            delete(moto, artifact)
        for _ in range(3):
            made[1] = update(moto, made[1], license="apache", description=f"{made[1].version}")

        assert sorted(listed(reader)) == stored(moto)
        assert reader.count(listing()) == 120


def test_servers_of_one_copy_that_poll_at_the_same_time_agree(
    moto: DynamoStore, tmp_path: Path
) -> None:
    with (
        server(moto, tmp_path / "a") as first,
        server(moto, tmp_path / "a") as second,
        ThreadPoolExecutor(8) as pool,
    ):
        assert listed(first) == listed(second) == []

        def write(number: int) -> None:
            made = register_one(moto, new_artifact(DATASET, f"d{number}"))
            update(moto, made, license="mit")
            if number % 3 == 0:
                delete(moto, made)

        def read(number: int) -> int:
            return len(read_all((first, second)[number % 2], listing()))

        reads = pool.map(read, range(40))
        assert len(list(pool.map(write, range(24)))) == 24
        assert len(list(reads)) == 40

        assert sorted(listed(first)) == sorted(listed(second)) == stored(moto)
