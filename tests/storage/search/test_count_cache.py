"""Results of counts are kept while nothing changes, and counted once for all threads."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from storage.search.count_cache import CountCache


def test_a_result_is_kept_until_the_token_changes() -> None:
    cache = CountCache()
    counts = iter(range(10))

    def count() -> int:
        return next(counts)

    assert [cache.get_or_count(1, "a", count) for _ in range(3)] == [0, 0, 0]
    assert cache.get_or_count(1, "b", count) == 1
    assert [cache.get_or_count(2, "a", count) for _ in range(2)] == [2, 2]
    assert cache.get_or_count(1, "b", count) == 1


def test_an_unknown_count_is_kept_too() -> None:
    cache = CountCache()
    results = iter([None, 1])

    assert [cache.get_or_count(1, "a", lambda: next(results)) for _ in range(2)] == [None, None]


def test_the_results_that_were_used_last_are_kept() -> None:
    cache = CountCache(size=2)
    counts = iter(range(10))

    def get(key: str) -> int:
        return cache.get_or_count(1, key, lambda: next(counts))

    assert [get(key) for key in "abacab"] == [0, 1, 0, 2, 0, 3]


def test_threads_that_ask_for_the_same_at_once_count_once() -> None:
    cache = CountCache()
    counted, may_end = Event(), Event()

    def count() -> int:
        assert not counted.is_set()
        counted.set()
        may_end.wait(10)
        return 1

    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(cache.get_or_count, 1, "a", count)
        counted.wait(10)
        second = threads.submit(cache.get_or_count, 1, "a", count)
        assert threads.submit(cache.get_or_count, 1, "b", lambda: 2).result(10) == 2
        may_end.set()
        assert (first.result(10), second.result(10)) == (1, 1)


def test_a_count_that_fails_is_not_kept() -> None:
    cache = CountCache()

    def fail() -> int:
        raise sqlite3.OperationalError

    with pytest.raises(sqlite3.OperationalError):
        cache.get_or_count(1, "a", fail)
    assert cache.get_or_count(1, "a", lambda: 1) == 1
