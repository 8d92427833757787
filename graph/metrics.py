"""Prometheus metrics of all worker processes together, on a port of their own.

Workers keep their figures in files of one folder, and the process that started them adds these
up when it is asked: prometheus_client calls this its multiprocess mode.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from graph.figures import Figures
from graph.watching import Watcher

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
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # theirs
        server, thread = start_http_server(port, host, registry)
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
            del os.environ[_FOLDER]  # noqa: TID251 - set above


def watcher() -> Watcher:
    """Counts requests; their senders' names for operations would be without number."""
    from prometheus_client import (  # noqa: PLC0415 - it reads the variable
        CollectorRegistry,
        Counter,
        Histogram,
    )

    own = CollectorRegistry()
    requests = Counter("registry_requests", "Requests", ["kind", "status"], registry=own)
    errors = Counter("registry_errors", "Requests with such errors", ["code"], registry=own)
    seconds = Histogram(
        "registry_request_seconds", "Their time", ["kind"], buckets=_SECONDS, registry=own
    )
    cost = Histogram(
        "registry_request_cost", "Their prices", ["kind"], buckets=_COSTS, registry=own
    )
    spent = Counter("registry_store", "What they asked of the store", ["what"], registry=own)

    def count(figures: Figures) -> None:
        requests.labels(figures.kind, figures.status).inc()
        for code in figures.codes:
            errors.labels(code).inc()
        seconds.labels(figures.kind).observe(figures.seconds)
        cost.labels(figures.kind).observe(figures.cost)
        for what, value in figures.spent().items():
            if isinstance(value, float | int):
                spent.labels(what).inc(value)

    return count
