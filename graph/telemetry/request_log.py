"""The log lines of requests and of the writes that they make."""

import logging

from graph.telemetry.request_stats import RequestStats
from graph.telemetry.subscription_stats import SubscriptionStats
from storage.artifacts.changes import Attribution
from storage.artifacts.records import Actor

_log = logging.getLogger("graph.requests")
_write_log = logging.getLogger("graph.writes")


def log_request(stats: RequestStats) -> None:
    """Log a request with its figures.

    The level is always INFO: a rejected request is not a failure of the server.
    """
    _log.info(
        "request",
        extra={
            **_format_caller(stats.request_id, stats.caller),
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


def log_subscription(stats: SubscriptionStats) -> None:
    """Log a subscription that has ended; its request was logged when it began."""
    _log.info(
        "subscription",
        extra={
            **_format_caller(stats.request_id, stats.caller),
            "operation": stats.operation,
            "codes": list(stats.codes),
            "cost": stats.cost,
            "events": stats.events,
            "changes": stats.changes,
            "milliseconds": round(stats.seconds * 1_000, 3),
            "store": stats.format_store_usage(),
        },
    )


def log_write(
    attribution: Attribution, artifact_id: str, version: int | None, kind: str
) -> None:
    """Log an accepted write: who made it, and which version of which artifact it made.

    The version is None if a deleted artifact could not be read.
    """
    _write_log.info(
        "write",
        extra={
            **_format_attribution(attribution),
            "artifact_id": artifact_id,
            "version": version,
            "kind": kind,
        },
    )


def log_reset(attribution: Attribution, deleted_count: int) -> None:
    """Log a reset, or the part of one that was done before the store failed."""
    _write_log.info(
        "reset",
        extra={**_format_attribution(attribution), "deleted_count": deleted_count},
    )


def _format_attribution(attribution: Attribution) -> dict[str, object]:
    return _format_caller(attribution.request_id, attribution.by)


def _format_caller(request_id: str | None, caller: Actor | None) -> dict[str, object]:
    return {
        "request_id": request_id,
        "caller": caller and caller.name,
        "issuer": caller and caller.issuer,
    }
