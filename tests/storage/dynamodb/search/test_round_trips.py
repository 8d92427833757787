"""The round trips of a listing on DynamoDB, and of telling the state of its index."""

from pathlib import Path

from storage.dynamodb.store import DynamoStore
from storage.search.pages import Window
from tests.storage.dynamodb.recorded_calls import key_counts, operations, record_calls
from tests.storage.dynamodb.search.servers import Seconds, listed, round_trips, server
from tests.storage.samples import listing, squad
from tests.storage.store_calls import register_one, update


def test_a_page_takes_no_round_trip_while_fresh_one_if_nothing_changed_and_else_two(
    servers: tuple[DynamoStore, DynamoStore], seconds: Seconds
) -> None:
    writer, reader = servers
    made = register_one(writer, squad())
    assert listed(reader) == ["squad 1"]

    def page() -> None:
        reader.page(listing(), Window(20))

    assert round_trips(page) == 0
    seconds.now += 61
    assert round_trips(page) == 1
    assert round_trips(page) == 0
    update(writer, made, license="mit")
    assert round_trips(page) == 0
    seconds.now += 61
    with record_calls(reader) as calls:
        assert round_trips(page) == 2
    assert operations(calls) == ["BatchGetItem", "BatchGetItem"]
    assert key_counts(calls) == [17, 1]


def test_a_poll_costs_the_same_after_any_number_of_changes(
    moto: DynamoStore, tmp_path: Path
) -> None:
    with server(moto, tmp_path / "a") as store:
        assert listed(store) == []
        made = register_one(store, squad())
        for n in range(150):
            made = update(store, made, license=f"{n}")
        assert listed(store) == ["squad 151"]

        assert round_trips(lambda: store.page(listing(), Window(20))) == 1


def test_the_state_tells_the_age_and_size_without_a_call(
    servers: tuple[DynamoStore, DynamoStore], seconds: Seconds
) -> None:
    _, store = servers
    with record_calls(store) as calls:
        assert not store.search_state().is_ready
    assert calls == []
    assert listed(store) == []
    seconds.now += 7

    with record_calls(store) as calls:
        state = store.search_state()

    assert calls == []
    assert (state.is_ready, state.progress, state.age) == (True, None, 7)
    assert state.size > 0
