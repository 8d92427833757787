"""Reads of the store count for a request's budget, before and after each call."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from graph.engine.budget import BudgetError, Unlimited
from graph.loading.store_reads import StoreReads
from graph.loading.threads import StoreThreads
from storage.artifacts.records import Artifact, ArtifactType
from storage.artifacts.writes import OnConflict
from storage.change_queries import HistoryQuery
from storage.search.listing import Filter, Listing
from storage.search.pages import Page, Window
from storage.sqlite.store import SqliteStore
from tests.storage.samples import CODE, DATASET, MODEL, by_name, new_artifact

pytestmark = pytest.mark.anyio


class CountingBudget(Unlimited):
    """Notes what is counted, and allows a number of keys."""

    def __init__(self, max_keys: int = 10_000) -> None:
        self.reads: list[int] = []
        self.items: list[tuple[int, int]] = []
        self._max_keys = max_keys

    def add_reads(self, keys: int) -> None:
        self.reads.append(keys)
        if sum(self.reads) > self._max_keys:
            raise BudgetError

    def add_items(self, artifacts: int, size: int) -> None:
        self.items.append((artifacts, size))


@pytest.fixture
def threads() -> Iterator[StoreThreads]:
    threads = StoreThreads(1)
    yield threads
    threads.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "registry.db")
    store.register(
        [
            new_artifact(DATASET, "books", tags=("nlp", "text")),
            new_artifact(CODE, "trainer", description="It trains."),
            new_artifact(MODEL, "bert", by_name(DATASET, "books"), by_name(CODE, "trainer")),
        ],
        OnConflict.REJECT,
    )
    yield store
    store.close()


def double(numbers: Sequence[int]) -> list[int]:
    return [2 * number for number in numbers]


async def test_keys_count_before_a_call_and_artifacts_with_their_texts_after_it(
    threads: StoreThreads, store: SqliteStore
) -> None:
    budget = CountingBudget()
    reads = StoreReads(threads, budget)

    listing = Listing(Filter(types=tuple(ArtifactType)))
    page: Page[Artifact] = await reads.read(store.page, listing, Window(3))
    ids = [entry.artifact.id for entry in page.entries]
    await reads.read_many(lambda keys: list(store.get(keys).values()), ids)
    await reads.read_many(store.read_history, [HistoryQuery(id_, 1, 1) for id_ in ids])

    assert budget.reads == [1, 3, 3]
    references, texts = 2 * 100, len("nlp" + "text" + "It trains.")
    assert budget.items[:2] == [(3, 3 * 300 + references + texts)] * 2
    (count, size) = budget.items[2]
    assert count == 3
    assert size > 3 * 300 + texts


async def test_many_keys_are_read_in_chunks(threads: StoreThreads) -> None:
    budget = CountingBudget()
    reads = StoreReads(threads, budget)

    assert await reads.read_many(double, list(range(2_500))) == list(range(0, 5_000, 2))
    assert budget.reads == [1_000, 1_000, 500]


async def test_a_call_that_exceeds_the_budget_is_not_made(threads: StoreThreads) -> None:
    calls: list[int] = []

    def read(numbers: Sequence[int]) -> list[int]:
        calls.append(len(numbers))
        return double(numbers)

    reads = StoreReads(threads, CountingBudget(max_keys=1_500))
    with pytest.raises(BudgetError):
        await reads.read_many(read, list(range(2_500)))

    assert calls == [1_000]
