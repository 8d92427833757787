"""Goes on trying where a request would have given up, for commands that nobody waits for."""

import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from storage.dynamodb.client.retry import BOTO_ERRORS, TransientError, failure

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 20.0
_PATIENCE_SECONDS = 300.0
"""A table on demand takes twice its highest traffic at once, and more after some minutes."""
_THREADS = 8
_WAITING = 32
"""Batches that are made before the first of them must be done."""

_T = TypeVar("_T")


def retry_for(call: Callable[[], _T]) -> _T:
    """The answer to a call, which may be made again, once throttling and outages are over.

    Raises:
        StoreUnavailableError: after minutes, or at once what trying again cannot help.
    """
    end, pause = time.monotonic() + _PATIENCE_SECONDS, _FIRST_PAUSE_SECONDS
    while True:
        try:
            return call()
        except TransientError:
            if time.monotonic() + pause > end:
                raise
        except BOTO_ERRORS as error:
            why = failure(error)
            if not isinstance(why, TransientError) or time.monotonic() + pause > end:
                raise why from error
        time.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - no secret
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def side_by_side(
    work: Callable[[Sequence[_T]], int],
    batches: Iterable[Sequence[_T]],
    progress: Callable[[int], None],
) -> int:
    """Do batches of work in a few threads, patiently, and add up what they say they did."""
    done = seen = 0
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            for future, size in _submitted(pool, work, batches):
                done, seen = done + future.result(), seen + size
                progress(seen)
        finally:
            pool.shutdown(cancel_futures=True)
    return done


def _submitted(
    pool: ThreadPoolExecutor,
    work: Callable[[Sequence[_T]], int],
    batches: Iterable[Sequence[_T]],
) -> Iterator[tuple[Future[int], int]]:
    """Each batch's future and size, while some behind it are under way already."""
    under_way: deque[tuple[Future[int], int]] = deque()
    for batch in batches:
        job = partial(work, batch)
        under_way.append((pool.submit(retry_for, job), len(batch)))
        if len(under_way) == _WAITING:
            yield under_way.popleft()
    yield from under_way
