"""Times each request and passes its figures to the observers: log, trace and metrics."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from graph.telemetry.request_stats import RequestStats

Observer = Callable[[RequestStats], None]
"""A function that is called once for each request, after it has ended."""


class RequestObservation:
    """Observes requests for a fixed list of observers."""

    def __init__(
        self,
        observers: Sequence[Observer],
        in_flight: AbstractContextManager[object] = nullcontext(),  # noqa: B008 - it has no state
    ) -> None:
        self._observers = observers
        self._in_flight = in_flight

    @contextmanager
    def observe(self, stats: RequestStats) -> Iterator[None]:
        """Measure the request handled in this block, and call the observers when it ends."""
        start = time.perf_counter()
        try:
            with self._in_flight:
                yield
        finally:
            stats.seconds = time.perf_counter() - start
            for observer in self._observers:
                observer(stats)
