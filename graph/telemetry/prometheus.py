"""Prometheus metrics of all worker processes together, served on a port of their own.

This is prometheus_client's multiprocess mode: workers store their values in the files of a
folder, and the main process sums them up for each scrape. That mode has no metrics about
processes, so the main process reads those of each process from the operating system.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import active_children
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from graph.telemetry.request_stats import RequestStats
from graph.telemetry.subscription_stats import SubscriptionStats
from storage.search.state import SearchState

if TYPE_CHECKING:
    from prometheus_client import Metric

_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""The variable with the path of the folder; prometheus_client reads it when it is imported."""
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_COSTS = (10, 100, 1_000, 5_000, 10_000, 25_000, 50_000)


@contextmanager
def serve_metrics(host: str, port: int) -> Iterator[None]:
    """Serve the metrics of all workers until the block ends.

    Raises:
        OSError: The address cannot be bound.
    """
    with TemporaryDirectory(prefix="metrics-") as folder:
        os.environ[_FOLDER_VARIABLE] = folder  # noqa: TID251 - read by the workers' prometheus_client
        from prometheus_client import (  # noqa: PLC0415 - it reads the variable
            CollectorRegistry,
            start_http_server,
        )
        from prometheus_client.multiprocess import (  # noqa: PLC0415 - likewise
            MultiProcessCollector,
        )

        registry = CollectorRegistry()
        registry.register(_ProcessMetrics(Path(folder)))
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # the library has no annotation there
        server, thread = start_http_server(port, host, registry)
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
            del os.environ[_FOLDER_VARIABLE]  # noqa: TID251 - set above


class _ProcessMetrics:
    """Collects the resource usage of this process and of the workers that it started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> "Iterator[Metric]":
        """Yield prometheus_client's metrics of a process, each with the label `pid`."""
        from prometheus_client import Metric, ProcessCollector  # noqa: PLC0415 - as above

        metrics: dict[str, Metric] = {}
        pids = [str(pid) for pid in (os.getpid(), *(child.pid for child in active_children()))]
        self._remove_gauges_of_ended_workers(pids)
        for pid in pids:
            for metric in ProcessCollector(pid=partial(str, pid), registry=None).collect():
                merged = Metric(metric.name, metric.documentation, metric.type)
                for sample in metric.samples:
                    metrics.setdefault(metric.name, merged).add_sample(
                        sample.name, {"pid": pid}, sample.value
                    )
        yield from metrics.values()

    def _remove_gauges_of_ended_workers(self, pids: list[str]) -> None:
        """Remove the files of killed workers: their requests are no longer in flight."""
        for file in self._folder.glob("gauge_live*.db"):
            if file.stem.rpartition("_")[2] not in pids:
                file.unlink(missing_ok=True)


class SearchMetrics:
    """Shows the state of the search index; of several workers, the worst values."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Gauge  # noqa: PLC0415 - as above

        own = CollectorRegistry()
        self._ready = Gauge(
            "registry_search_ready",
            "Whether listings can be answered, 0 or 1",
            multiprocess_mode="livemin",
            registry=own,
        )
        self._progress = Gauge(
            "registry_search_progress",
            "Part of the search index that has been built, from 0 to 1",
            multiprocess_mode="livemin",
            registry=own,
        )
        self._age = Gauge(
            "registry_search_age_seconds",
            "Time since the search index is known to have shown all changes",
            multiprocess_mode="livemax",
            registry=own,
        )
        self._size = Gauge(
            "registry_search_size_bytes",
            "Size of the file of the search index",
            multiprocess_mode="livemax",
            registry=own,
        )

    def __call__(self, state: SearchState) -> None:
        """Show a state."""
        progress = float(state.is_ready) if state.progress is None else state.progress
        self._progress.set(progress)
        self._age.set(state.age)
        self._size.set(state.size)
        self._ready.set(int(state.is_ready))


class RequestMetrics:
    """Counts requests.

    The names of operations are no label: clients choose them, so there is no limit to them.
    Nor are the subjects of an issuer, which all count as the issuer.
    """

    def __init__(self) -> None:
        from prometheus_client import (  # noqa: PLC0415 - it reads the variable
            CollectorRegistry,
            Counter,
            Gauge,
            Histogram,
        )

        own = CollectorRegistry()
        self._requests = Counter(
            "registry_requests", "Requests", ["kind", "status"], registry=own
        )
        self._caller_requests = Counter(
            "registry_caller_requests", "Requests, by caller", ["caller"], registry=own
        )
        self._errors = Counter(
            "registry_errors", "Requests with an error, by code", ["code"], registry=own
        )
        self._seconds = Histogram(
            "registry_request_seconds",
            "Duration of requests",
            ["kind"],
            buckets=_SECONDS,
            registry=own,
        )
        self._cost = Histogram(
            "registry_request_cost", "Price of requests", ["kind"], buckets=_COSTS, registry=own
        )
        self._store = Counter(
            "registry_store", "Use of the store by requests", ["what"], registry=own
        )
        self.in_flight = Gauge(
            "registry_requests_in_flight",
            "Requests that have not been answered yet",
            multiprocess_mode="livesum",
            registry=own,
        ).track_inprogress()

    def __call__(self, stats: RequestStats) -> None:
        """Count a request that has ended."""
        self._requests.labels(stats.kind, stats.status).inc()
        self._caller_requests.labels(_format_caller(stats)).inc()
        for code in stats.codes:
            self._errors.labels(code).inc()
        self._seconds.labels(stats.kind).observe(stats.seconds)
        self._cost.labels(stats.kind).observe(stats.cost)
        for name, value in stats.format_store_usage().items():
            if isinstance(value, float | int):
                self._store.labels(name).inc(value)


class SubscriptionMetrics:
    """Counts the subscriptions that are open, and those that have ended."""

    def __init__(self) -> None:
        from prometheus_client import (  # noqa: PLC0415 - it reads the variable
            CollectorRegistry,
            Counter,
            Gauge,
        )

        own = CollectorRegistry()
        self._ended = Counter(
            "registry_subscriptions_ended",
            "Subscriptions that have ended, by the code of the error that ended them",
            ["code"],
            registry=own,
        )
        self.open = Gauge(
            "registry_subscriptions_open",
            "Subscriptions that are open",
            multiprocess_mode="livesum",
            registry=own,
        ).track_inprogress()

    def __call__(self, stats: SubscriptionStats) -> None:
        """Count a subscription that has ended."""
        self._ended.labels(stats.codes[-1] if stats.codes else "").inc()


def _format_caller(stats: RequestStats) -> str:
    if stats.caller is None:
        return ""
    return stats.caller.issuer or stats.caller.name
