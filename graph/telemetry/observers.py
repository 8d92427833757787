"""Who is told what each request came to: the log, the trace, and metrics where set up."""

import logging
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

import orjson
from fastapi.telemetry import TelemetryConfig
from opentelemetry import trace

from graph.telemetry.request_stats import RequestStats

Observer = Callable[[RequestStats], None]

TRACING: TelemetryConfig = {
    "auto_configure": True,
    "logs": False,
    "exclude": lambda scope: scope.get("path") in ("/livez", "/readyz"),
}
"""Of FastAPI, by the OTEL_ variables; its logs would tell of exceptions what ours take out."""
_log = logging.getLogger("graph.requests")


class RequestObservation:
    """Times requests, and tells the watchers of each when it is over."""

    def __init__(
        self,
        watchers: Sequence[Observer],
        in_flight: AbstractContextManager[object] = nullcontext(),  # noqa: B008 - it has no state
    ) -> None:
        self._watchers = watchers
        self._in_flight = in_flight

    @contextmanager
    def __call__(self, stats: RequestStats) -> Iterator[None]:
        """Watch a request, however it ends."""
        began = time.perf_counter()
        try:
            with self._in_flight:
                yield
        finally:
            stats.seconds = time.perf_counter() - began
            for watcher in self._watchers:
                watcher(stats)


def log(stats: RequestStats) -> None:
    """A line of the log; expected errors are no failures of the server, and are told so."""
    _log.info(
        "request",
        extra={
            "request_id": stats.request_id,
            "method": stats.method,
            "kind": stats.kind,
            "operation": stats.operation,
            "status": stats.status,
            "codes": list(stats.codes),
            "cost": stats.cost,
            "milliseconds": round(stats.seconds * 1_000, 3),
            "store": stats.spent(),
        },
    )


def annotate(stats: RequestStats) -> None:
    """The attributes of the span that FastAPI began, where traces are recorded."""
    span = trace.get_current_span()
    if not span.is_recording():
        return
    span.set_attribute("graphql.operation.type", stats.kind)
    if stats.operation:
        span.set_attribute("graphql.operation.name", stats.operation)
    span.set_attribute("registry.request.id", stats.request_id)
    span.set_attribute("registry.request.cost", stats.cost)
    span.set_attribute("registry.errors", stats.codes)
    for name, value in stats.spent().items():
        span.set_attribute(f"registry.store.{name}", value)
    if stats.method == "GET":
        span.set_attribute("url.query", "***")  # it holds the variables


def embedded_metrics(namespace: str) -> Observer:
    """Writes a line to stdout that CloudWatch Logs reads metrics from.

    Source: the CloudWatch User Guide, "Specification: Embedded metric format".
    """
    units = {
        "requests": "Count",
        "errors": "Count",
        "milliseconds": "Milliseconds",
        "cost": "Count",
        "calls": "Count",
        "roundTrips": "Count",
        "readUnits": "Count",
        "writeUnits": "Count",
        "itemsRead": "Count",
        "itemsReturned": "Count",
    }
    directive = {
        "Namespace": namespace,
        "Dimensions": [["kind"]],
        "Metrics": [{"Name": name, "Unit": unit} for name, unit in units.items()],
    }

    def write(stats: RequestStats) -> None:
        line = {
            "_aws": {
                "Timestamp": time.time_ns() // 1_000_000,
                "CloudWatchMetrics": [directive],
            },
            "kind": stats.kind,
            "requests": 1,
            "errors": int(bool(stats.codes)),
            "milliseconds": stats.seconds * 1_000,
            "cost": stats.cost,
            **stats.spent(),
            "codes": stats.codes,
            "operation": stats.operation,
            "requestId": stats.request_id,
        }
        sys.stdout.write(orjson.dumps(line).decode() + "\n")
        sys.stdout.flush()

    return write
