"""The log line of each request."""

import logging

from graph.telemetry.request_stats import RequestStats

_log = logging.getLogger("graph.requests")


def log_request(stats: RequestStats) -> None:
    """Log a request with its figures.

    The level is always INFO: a rejected request is not a failure of the server.
    """
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
            "store": stats.format_store_usage(),
        },
    )
