"""Following the feed while others write: no change is lost or repeated, on any store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from random import Random

import pytest

from graph.loading.feed_follower import MAX_BATCH, Batch, FeedFollower
from graph.loading.feed_poll import Pace
from graph.loading.threads import StoreThreads
from storage.artifacts.changes import Change
from storage.change_queries import ALL_CHANGES, ChangeFilter
from storage.sqlite.store import SqliteStore
from storage.store import Store
from tests.storage.contract.recorded_changes import read_feed
from tests.storage.samples import DATASET, MODEL, new_artifact, squad
from tests.storage.store_calls import delete, register, register_one, update

pytestmark = pytest.mark.anyio

QUICK = Pace(poll_seconds=0.01, least_seconds=0.001)
OF_DATASETS = ChangeFilter(types=frozenset({DATASET}))


@pytest.fixture
async def threads() -> AsyncIterator[StoreThreads]:
    threads = StoreThreads(8)
    yield threads
    threads.close()


def write_some(store: Store, writer: int) -> None:
    """Make ten changes, three of them to an artifact that others change, too."""
    shared = register_one(store, squad()) if writer == 0 else None
    for number in range(3):
        mine = register_one(store, new_artifact(DATASET, f"d{writer} {number}"))
        if shared is not None:
            shared = update(store, shared, license=f"{number}")
        delete(store, mine)


async def follow_with_interruptions(
    follower: FeedFollower, start: str, count: int, seed: int
) -> list[Change]:
    """Return changes, of a subscriber that leaves now and then and comes back."""
    random, cursor, found = Random(seed), start, list[Change]()  # noqa: S311 - not a secret
    while len(found) < count:
        async with aclosing(follower.follow(cursor, OF_DATASETS)) as batches:
            async for batch in batches:
                assert len(batch.changes) <= MAX_BATCH
                found += batch.changes
                cursor = batch.cursor
                if len(found) >= count or random.random() < 0.2:
                    break
    return found


async def test_subscribers_that_come_and_go_get_each_change_once(
    store: Store, threads: StoreThreads
) -> None:
    start = store.feed_cursor()
    follower = FeedFollower(store, threads, pace=QUICK)
    writes = [threads.run(write_some, store, writer) for writer in range(4)]
    count = 4 * 6 + 4
    following = [follow_with_interruptions(follower, start, count, seed) for seed in range(12)]

    results = await asyncio.gather(*following, *writes)

    expected = sorted(map(identify, read_feed(store, start)))
    assert len(expected) == count
    for found in results[: len(following)]:
        assert found is not None
        assert sorted(map(identify, found)) == expected
        for id_ in {change.artifact_id for change in found}:
            versions = [change.version for change in found if change.artifact_id == id_]
            assert versions == sorted(versions)


def identify(change: Change) -> tuple[str, int]:
    return change.artifact_id, change.version


async def test_a_subscriber_that_is_slow_reads_what_it_missed_from_the_store(
    store: Store, threads: StoreThreads
) -> None:
    follower = FeedFollower(store, threads, pace=QUICK)
    slow = follower.follow(None, ALL_CHANGES)
    async with aclosing(slow), aclosing(follower.follow(None, ALL_CHANGES)) as quick:
        await anext(slow)
        await anext(quick)
        register_one(store, squad())
        first = [await anext(slow), await anext(quick)]
        for number in range(12):
            register_one(store, new_artifact(DATASET, f"d{number}"))
            assert len((await anext(quick)).changes) == 1

        late = await read_until(slow, 12)

    assert [names(batch) for batch in first] == [["squad"], ["squad"]]
    assert [name for batch in late for name in names(batch)] == [f"d{n}" for n in range(12)]


async def read_until(batches: AsyncIterator[Batch], count: int) -> list[Batch]:
    found: list[Batch] = []
    while sum(len(batch.changes) for batch in found) < count:
        found.append(await anext(batches))
    return found


def names(batch: Batch) -> list[str]:
    return [change.name for change in batch.changes]


async def test_many_changes_at_once_come_in_batches(
    tmp_path: Path, threads: StoreThreads
) -> None:
    store = SqliteStore(tmp_path / "registry.db")
    follower = FeedFollower(store, threads, pace=QUICK)
    async with aclosing(follower.follow(None, ALL_CHANGES)) as batches:
        await anext(batches)
        register(store, *(new_artifact(DATASET, f"d{number}") for number in range(250)))
        found = await read_until(batches, 250)

    changes = [change for batch in found for change in batch.changes]
    assert list(map(identify, changes)) == list(map(identify, read_feed(store)))
    assert [len(batch.changes) for batch in found] == [100, 100, 50]
    assert [batch.has_more for batch in found] == [True, True, False]
    store.close()


async def test_checkpoints_come_although_there_are_always_other_changes(
    tmp_path: Path, threads: StoreThreads
) -> None:
    store = SqliteStore(tmp_path / "registry.db")
    pace = Pace(poll_seconds=0.001, least_seconds=0.001, checkpoint_seconds=0.02)
    follower = FeedFollower(store, threads, pace=pace)
    of_models = ChangeFilter(types=frozenset({MODEL}))
    async with aclosing(follower.follow(None, of_models)) as batches:
        first = await anext(batches)
        for number in range(5):
            register_one(store, new_artifact(DATASET, f"d{number}"))
            follower.wake()
            later = await anext(batches)

    assert [first.changes, later.changes] == [(), ()]
    assert later.cursor != first.cursor
    store.close()
