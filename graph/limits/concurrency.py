"""The limit on concurrent requests: more are rejected instead of queued."""

from collections.abc import Iterator
from contextlib import contextmanager

from graph.errors import Code, RequestError

_RETRY_SECONDS = 1


class ConcurrencyLimit:
    """A maximum number of requests that are executed at the same time."""

    def __init__(self, max_requests: int) -> None:
        self._max_requests = max_requests
        self._running = 0

    @contextmanager
    def count_running(self) -> Iterator[None]:
        """Count a request as running until the block ends.

        Raises:
            RequestError: The maximum number of requests is running.
        """
        if self._running == self._max_requests:
            raise RequestError(
                Code.UNAVAILABLE,
                "Too many concurrent requests; try again.",
                {"retry-after": str(_RETRY_SECONDS)},
            )
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1
