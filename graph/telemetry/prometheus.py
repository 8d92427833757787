"""Prometheus metrics of all worker processes together, on a port of their own.

Workers keep their figures in files of one folder, and the process that started them adds these
up when it is asked: prometheus_client calls this its multiprocess mode. It has no metrics of
processes, so these are read from the system, for each by itself.
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

if TYPE_CHECKING:
    from prometheus_client import Metric

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where workers find the folder; prometheus_client reads it as it is imported."""
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_COSTS = (10, 100, 1_000, 5_000, 10_000, 25_000, 50_000)


@contextmanager
def served(host: str, port: int) -> Iterator[None]:
    """Serve what the workers count, until the block ends.

    Raises:
        OSError: where the port cannot be listened on.
    """
    with TemporaryDirectory(prefix="metrics-") as folder:
        os.environ[_FOLDER] = folder  # noqa: TID251 - read by the workers' prometheus_client
        from prometheus_client import (  # noqa: PLC0415 - it reads the variable
            CollectorRegistry,
            start_http_server,
        )
        from prometheus_client.multiprocess import (  # noqa: PLC0415 - likewise
            MultiProcessCollector,
        )

        registry = CollectorRegistry()
        registry.register(_Processes(Path(folder)))
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # theirs
        server, thread = start_http_server(port, host, registry)
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
            del os.environ[_FOLDER]  # noqa: TID251 - set above


class _Processes:
    """What this process and the workers that it started use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> "Iterator[Metric]":
        """The usual metrics of processes, each with the label `pid`."""
        from prometheus_client import Metric, ProcessCollector  # noqa: PLC0415 - as above

        found: dict[str, Metric] = {}
        alive = [str(pid) for pid in (os.getpid(), *(child.pid for child in active_children()))]
        self._forget_all_but(alive)
        for pid in alive:
            for metric in ProcessCollector(pid=partial(str, pid), registry=None).collect():
                of_all = Metric(metric.name, metric.documentation, metric.type)
                for sample in metric.samples:
                    found.setdefault(metric.name, of_all).add_sample(
                        sample.name, {"pid": pid}, sample.value
                    )
        yield from found.values()

    def _forget_all_but(self, alive: list[str]) -> None:
        """Requests that were in flight in a worker that is gone are no longer."""
        for file in self._folder.glob("gauge_live*.db"):
            if file.stem.rpartition("_")[2] not in alive:
                file.unlink(missing_ok=True)


class Counts:
    """Counts requests; their senders' names for operations would be without number."""

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
        self._errors = Counter(
            "registry_errors", "Requests with such errors", ["code"], registry=own
        )
        self._seconds = Histogram(
            "registry_request_seconds", "Their time", ["kind"], buckets=_SECONDS, registry=own
        )
        self._cost = Histogram(
            "registry_request_cost", "Their prices", ["kind"], buckets=_COSTS, registry=own
        )
        self._spent = Counter(
            "registry_store", "What they asked of the store", ["what"], registry=own
        )
        self.in_flight = Gauge(
            "registry_requests_in_flight",
            "Requests that are not answered yet",
            multiprocess_mode="livesum",
            registry=own,
        ).track_inprogress()

    def __call__(self, stats: RequestStats) -> None:
        """Count a request that is over."""
        self._requests.labels(stats.kind, stats.status).inc()
        for code in stats.codes:
            self._errors.labels(code).inc()
        self._seconds.labels(stats.kind).observe(stats.seconds)
        self._cost.labels(stats.kind).observe(stats.cost)
        for what, value in stats.spent().items():
            if isinstance(value, float | int):
                self._spent.labels(what).inc(value)
