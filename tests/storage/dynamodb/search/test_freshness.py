"""Reads poll a copy first if it is too old, and share polls."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from storage.deadline import deadline
from storage.dynamodb.search.freshness import Freshness
from storage.errors import StoreRefusedError, StoreUnavailableError

COPY = object()


class Seconds:
    """A monotonic clock that tests set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Polls:
    """Counts the polls; each may be held up, and fail."""

    def __init__(self) -> None:
        self.count = 0
        self.has_begun = Event()
        self.may_end = Event()
        self.may_end.set()
        self.error: Exception | None = None

    def __call__(self) -> None:
        self.count += 1
        self.has_begun.set()
        assert self.may_end.wait(10)
        if self.error:
            raise self.error


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def polls() -> Polls:
    return Polls()


def test_a_copy_is_polled_when_it_is_older_than_the_maximum(
    seconds: Seconds, polls: Polls
) -> None:
    freshness = Freshness(2, seconds)

    counts = []
    for now in (100.0, 101.0, 101.9, 102.0, 103.0, 110.0):
        seconds.now = now
        freshness.refresh(COPY, polls)
        counts.append(polls.count)

    assert counts == [1, 1, 1, 2, 2, 3]


def test_a_maximum_of_zero_polls_always(seconds: Seconds, polls: Polls) -> None:
    freshness = Freshness(0, seconds)

    for _ in range(3):
        freshness.refresh(COPY, polls)

    assert polls.count == 3


def test_a_write_and_a_page_that_is_ahead_are_followed_by_a_poll(
    seconds: Seconds, polls: Polls
) -> None:
    freshness = Freshness(60, seconds)
    freshness.refresh(COPY, polls)

    freshness.note_write()
    freshness.refresh(COPY, polls)
    freshness.refresh(COPY, polls)
    assert polls.count == 2
    freshness.refresh(COPY, polls, is_ahead=True)
    assert polls.count == 3


def test_another_copy_is_polled(seconds: Seconds, polls: Polls) -> None:
    freshness = Freshness(60, seconds)

    for copy in (COPY, object()):
        freshness.refresh(copy, polls)

    assert polls.count == 2


def test_the_age_is_that_of_the_last_poll_that_succeeded(
    seconds: Seconds, polls: Polls
) -> None:
    freshness = Freshness(0, seconds)
    seconds.now = 103
    assert freshness.age == 3
    freshness.refresh(COPY, polls)
    seconds.now = 108
    polls.error = StoreUnavailableError("down")
    with pytest.raises(StoreUnavailableError):
        freshness.refresh(COPY, polls)

    assert freshness.age == 5


def together(
    polls: Polls, *readers: Callable[[], None], between: Callable[[], None] = lambda: None
) -> list[Future[None]]:
    """Let readers come, the others while the first one's poll is held up."""
    first, *others = readers
    polls.may_end.clear()
    with ThreadPoolExecutor(len(readers)) as pool:
        futures = [pool.submit(first)]
        assert polls.has_begun.wait(10)
        between()
        futures += [pool.submit(other) for other in others]
        polls.may_end.set()
    return futures


def test_readers_at_the_same_time_share_a_poll(seconds: Seconds, polls: Polls) -> None:
    freshness = Freshness(1, seconds)

    futures = together(polls, *[lambda: freshness.refresh(COPY, polls)] * 20)

    assert [future.exception() for future in futures] == [None] * 20
    assert polls.count == 1


def test_a_write_during_a_poll_is_seen_by_the_readers_after_it(
    seconds: Seconds, polls: Polls
) -> None:
    freshness = Freshness(60, seconds)

    together(
        polls,
        *[lambda: freshness.refresh(COPY, polls)] * 8,
        between=freshness.note_write,
    )

    assert polls.count == 2


def test_a_write_after_a_reader_came_does_not_keep_it_from_sharing_a_poll(
    polls: Polls,
) -> None:
    has_come = Event()

    def seconds() -> float:
        if polls.has_begun.is_set():
            has_come.set()
        return 100.0

    freshness = Freshness(60, seconds)
    polls.may_end.clear()
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(freshness.refresh, COPY, polls)]
        assert polls.has_begun.wait(10)
        futures.append(pool.submit(freshness.refresh, COPY, polls))
        assert has_come.wait(10)
        freshness.note_write()
        polls.may_end.set()

    assert [future.exception() for future in futures] == [None, None]
    assert polls.count == 1


def test_a_shared_poll_that_fails_fails_all_its_readers(seconds: Seconds, polls: Polls) -> None:
    freshness = Freshness(60, seconds)
    polls.error = StoreRefusedError("no access")

    futures = together(polls, *[lambda: freshness.refresh(COPY, polls)] * 2)

    errors = [future.exception() for future in futures]
    assert [type(error) for error in errors] == [StoreRefusedError] * 2
    assert {str(error) for error in errors} == {"no access"}
    polls.error = None
    freshness.refresh(COPY, polls)


def test_a_reader_waits_for_the_poll_of_another_until_its_deadline(
    seconds: Seconds, polls: Polls
) -> None:
    freshness = Freshness(60, seconds)
    polls.may_end.clear()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(freshness.refresh, COPY, polls)
        assert polls.has_begun.wait(10)
        with deadline(0.01), pytest.raises(StoreUnavailableError, match="in time"):
            freshness.refresh(COPY, polls)
        polls.may_end.set()

    assert first.exception() is None
    assert polls.count == 1
