"""Times each request and passes its figures to the observers: log, trace and metrics."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Generic, TypeVar

from graph.telemetry.request_stats import RequestStats

_S = TypeVar("_S", bound=RequestStats)
Observer = Callable[[RequestStats], None]
"""A function that is called once for each request, after it has ended."""


class Observation(Generic[_S]):
    """Observes requests, or subscriptions, for a fixed list of observers."""

    def __init__(
        self,
        observers: Sequence[Callable[[_S], None]],
        in_flight: AbstractContextManager[object] = nullcontext(),  # noqa: B008 - it has no state
    ) -> None:
        self._observers = observers
        self._in_flight = in_flight

    @contextmanager
    def observe(self, stats: _S) -> Iterator[None]:
        """Measure the request handled in this block, and call the observers when it ends."""
        start = time.perf_counter()
        try:
            with self._in_flight:
                yield
        finally:
            stats.seconds = time.perf_counter() - start
            for observer in self._observers:
                observer(stats)


RequestObservation = Observation[RequestStats]
