"""Retries calls for minutes and runs batches in threads, for commands."""

import logging
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from storage.dynamodb.client.errors import BOTO_ERRORS, TransientError, from_exception

_log = logging.getLogger(__name__)

_FIRST_PAUSE_SECONDS = 0.5
_MAX_PAUSE_SECONDS = 20.0
_RETRY_SECONDS = 300.0
"""An on-demand table takes twice its peak traffic at once, and more after some minutes."""
_THREADS = 8
_MAX_PENDING = 32
"""Batches that may be submitted before the first of them has finished."""

_T = TypeVar("_T")


def retry_for(call: Callable[[], _T], sleep: Callable[[float], None] = time.sleep) -> _T:
    """Return the answer to a call, which may be repeated, once throttling and outages are over.

    `sleep` is called with the seconds between two attempts, and may raise to give up.

    Raises:
        StoreUnavailableError: after minutes, or at once for what repeating cannot change.
    """
    end, pause = time.monotonic() + _RETRY_SECONDS, _FIRST_PAUSE_SECONDS
    while True:
        try:
            return call()
        except TransientError:
            if time.monotonic() + pause > end:
                raise
        except BOTO_ERRORS as error:
            store_error = from_exception(error).error
            is_transient = isinstance(store_error, TransientError)
            if not is_transient or time.monotonic() + pause > end:
                raise store_error from error
            _log.warning("A call failed and will be repeated: %s", store_error)
        sleep(random.uniform(pause / 2, pause))  # noqa: S311 - not a secret
        pause = min(2 * pause, _MAX_PAUSE_SECONDS)


def run_batches(
    work: Callable[[Sequence[_T]], int],
    batches: Iterable[Sequence[_T]],
    progress: Callable[[int], None],
) -> int:
    """Run batches in a few threads, with retries, and return the sum of their results."""
    total = finished = 0
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            for future, size in _submit(pool, work, batches):
                total, finished = total + future.result(), finished + size
                progress(finished)
        finally:
            pool.shutdown(cancel_futures=True)
    return total


def _submit(
    pool: ThreadPoolExecutor,
    work: Callable[[Sequence[_T]], int],
    batches: Iterable[Sequence[_T]],
) -> Iterator[tuple[Future[int], int]]:
    """Yield each batch's future and size, while some later ones are already running."""
    pending: deque[tuple[Future[int], int]] = deque()
    for batch in batches:
        job = partial(work, batch)
        pending.append((pool.submit(retry_for, job), len(batch)))
        if len(pending) == _MAX_PENDING:
            yield pending.popleft()
    yield from pending
