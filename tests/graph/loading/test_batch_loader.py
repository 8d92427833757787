"""A batch loader reads all keys of a turn of the event loop together, and each key once."""

import asyncio
from collections.abc import Sequence

import pytest

from graph.engine.deferred import Deferred
from graph.loading.batch_loader import BatchLoader
from storage.errors import StoreUnavailableError, UndecodableError

pytestmark = pytest.mark.anyio


class Numbers:
    """Reads the squares of numbers; 13 cannot be read, and 0 makes its whole batch fail."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.has_begun = asyncio.Event()
        self.loader = BatchLoader(self.read)

    async def read(self, keys: list[int]) -> Sequence[int | UndecodableError]:
        self.batches.append(list(keys))
        self.has_begun.set()
        await asyncio.sleep(0)
        if 0 in keys:
            raise StoreUnavailableError
        return [UndecodableError("unlucky") if key == 13 else key * key for key in keys]


@pytest.fixture
def numbers() -> Numbers:
    return Numbers()


async def test_keys_of_one_turn_are_one_batch_and_each_is_read_once(numbers: Numbers) -> None:
    values = [numbers.loader.load(key) for key in (2, 3, 2)]

    assert [value.is_ready for value in values] == [False] * 3
    assert len({value.batch for value in values}) == 1
    assert [await value for value in values] == [4, 9, 4]
    assert [value.result() for value in values] == [4, 9, 4]
    assert await numbers.loader.load(3) == 9
    assert numbers.batches == [[2, 3]]


async def test_a_key_that_cannot_be_read_is_an_error_of_its_own(numbers: Numbers) -> None:
    good, bad = numbers.loader.load(5), numbers.loader.load(13)

    assert await good == 25
    assert isinstance(bad.outcome(), UndecodableError)
    with pytest.raises(UndecodableError, match="unlucky"):
        await bad


async def test_a_batch_that_fails_is_an_error_of_each_key_and_of_no_other(
    numbers: Numbers,
) -> None:
    failed = [numbers.loader.load(key) for key in (0, 1)]
    for value in failed:
        with pytest.raises(StoreUnavailableError):
            await value

    assert await numbers.loader.load(2) == 4


async def test_many_keys_of_several_batches_keep_their_order(numbers: Numbers) -> None:
    early = numbers.loader.load(4)
    await early
    late = numbers.loader.load_many([6, 13, 4, 6])
    loaded = await late

    assert [loaded[0], loaded[2], loaded[3]] == [36, 16, 36]
    assert isinstance(loaded[1], UndecodableError)
    assert await numbers.loader.load_many([]) == []
    assert numbers.batches == [[4], [6, 13]]


async def test_many_keys_wait_for_all_of_their_batches(numbers: Numbers) -> None:
    first = numbers.loader.load(7)
    await numbers.has_begun.wait()
    both = numbers.loader.load_many([7, 8])

    assert await both == [49, 64]
    assert first.result() == 49
    assert numbers.batches == [[7], [8]]


async def test_a_waiter_that_is_cancelled_cancels_nothing_for_others(numbers: Numbers) -> None:
    async def wait(value: Deferred[int]) -> int:
        return await value

    tasks = [asyncio.create_task(wait(numbers.loader.load(key))) for key in (2, 2, 3)]
    await numbers.has_begun.wait()
    tasks[0].cancel()

    assert await asyncio.gather(*tasks[1:]) == [4, 9]
    assert tasks[0].cancelled()


async def test_values_that_are_put_are_not_read_again(numbers: Numbers) -> None:
    numbers.loader.put({2: 40, 3: 90})

    assert numbers.loader.load(2).is_ready
    assert await numbers.loader.load_many([2, 3, 4]) == [40, 90, 16]
    assert numbers.batches == [[4]]


async def test_a_mapped_value_may_be_deferred_again(numbers: Numbers) -> None:
    fourth_power: Deferred[int] = numbers.loader.load(2).map(numbers.loader.load)

    assert await fourth_power.map(lambda power: power + 1) == 17
    assert numbers.batches == [[2], [4]]


async def test_keys_with_the_same_identity_are_one() -> None:
    batches = []

    async def read(texts: list[str]) -> Sequence[int]:
        batches.append(texts)
        return [len(text) for text in texts]

    loader = BatchLoader(read, identity=str.lower)

    assert await loader.load_many(["Abc", "aBC", "abcd"]) == [3, 3, 4]
    assert await loader.load("abc") == 3
    assert batches == [["Abc", "abcd"]]
