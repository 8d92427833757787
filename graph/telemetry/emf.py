"""CloudWatch metrics of requests, in the embedded metric format.

Source: the CloudWatch User Guide, "Specification: Embedded metric format".
"""

import sys
import time
from typing import Any

import orjson

from graph.telemetry.request_stats import RequestStats

_UNITS = {
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


class EmfWriter:
    """Writes one line per request to stdout, from which CloudWatch Logs extracts metrics."""

    def __init__(self, namespace: str) -> None:
        self._directive = {
            "Namespace": namespace,
            "Dimensions": [["kind"]],
            "Metrics": [{"Name": name, "Unit": unit} for name, unit in _UNITS.items()],
        }

    def __call__(self, stats: RequestStats) -> None:
        """Write the line of a request."""
        sys.stdout.write(orjson.dumps(self._to_line(stats)).decode() + "\n")
        sys.stdout.flush()

    def _to_line(self, stats: RequestStats) -> dict[str, Any]:
        return {
            "_aws": {
                "Timestamp": time.time_ns() // 1_000_000,
                "CloudWatchMetrics": [self._directive],
            },
            "kind": stats.kind,
            "requests": 1,
            "errors": int(bool(stats.codes)),
            "milliseconds": stats.seconds * 1_000,
            "cost": stats.cost,
            **stats.format_store_usage(),
            "codes": stats.codes,
            "operation": stats.operation,
            "requestId": stats.request_id,
        }
