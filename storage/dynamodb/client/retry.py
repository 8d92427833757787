"""Decides how often and when a call is repeated."""

import logging
import random
import time
from collections.abc import Iterator, Sequence

from botocore.retries.quota import RetryQuota

from storage.deadline import seconds_left
from storage.dynamodb.client.errors import CallFailure, TransientError

_log = logging.getLogger(__name__)

MAX_ATTEMPTS = 6
"""Attempts per call; an endpoint that refuses connections refuses all of them in a second."""
_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 0.5
_BUDGET = 500
_RETRY_COST = 5
_TIMEOUT_COST = 10
_SUCCESS_REFILL = 1


def backoff() -> Iterator[int]:
    """Count attempts, with a longer pause before each, until the deadline.

    The pauses are random (full jitter), so that callers that collided do not collide again.

    Raises:
        TransientError: at the deadline.
    """
    end = time.monotonic() + seconds_left()
    pause, attempt = _FIRST_PAUSE_SECONDS, 0
    while True:
        yield attempt
        attempt += 1
        if time.monotonic() + pause > end:
            _log.warning("gave up after %d attempts: the table was too busy", attempt)
            raise TransientError("the store was too busy to answer in time")
        time.sleep(random.uniform(0, pause))  # noqa: S311 - no secret
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


class RetryBudget:
    """A token bucket that all calls of a client share, as in botocore's standard mode.

    Retries take tokens and successes return them, so that an outage of the endpoint is not
    made worse by the retries of every request.
    """

    def __init__(self) -> None:
        self._quota = RetryQuota(_BUDGET)

    def try_retry(self, failures: Sequence[CallFailure]) -> bool:
        """Take the tokens for repeating the failed calls; False if there are too few left."""
        costs = (_TIMEOUT_COST if f.is_timeout else _RETRY_COST for f in failures)
        return self._quota.acquire(sum(costs))

    def record_success(self, attempt: int) -> None:
        """Return tokens for a call that succeeded in this attempt, counted from 0."""
        self._quota.release(_RETRY_COST if attempt else _SUCCESS_REFILL)
