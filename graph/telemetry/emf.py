"""CloudWatch metrics of requests and of the search index, in the embedded metric format.

Source: the CloudWatch User Guide, "Specification: Embedded metric format".
"""

import sys
import time
from typing import Any

import orjson

from graph.telemetry.request_stats import RequestStats
from storage.search.state import SearchState

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


_SEARCH_UNITS = {
    "searchReady": "Count",
    "searchProgress": "Percent",
    "searchAge": "Seconds",
    "searchSize": "Bytes",
}


class EmfWriter:
    """Writes one line per request to stdout, from which CloudWatch Logs extracts metrics.

    The search index has a line of its own, without dimensions, for each health check.
    """

    def __init__(self, namespace: str) -> None:
        self._directive = _create_directive(namespace, ["kind"], _UNITS)
        self._search_directive = _create_directive(namespace, [], _SEARCH_UNITS)

    def __call__(self, stats: RequestStats) -> None:
        """Write the line of a request."""
        _write(self._directive, _format_stats(stats))

    def write_search_state(self, state: SearchState) -> None:
        """Write a line with the state of the search index."""
        progress = float(state.is_ready) if state.progress is None else state.progress
        values = {
            "searchReady": int(state.is_ready),
            "searchProgress": progress * 100,
            "searchAge": state.age,
            "searchSize": state.size,
        }
        _write(self._search_directive, values)


def _create_directive(
    namespace: str, dimensions: list[str], units: dict[str, str]
) -> dict[str, Any]:
    return {
        "Namespace": namespace,
        "Dimensions": [dimensions],
        "Metrics": [{"Name": name, "Unit": unit} for name, unit in units.items()],
    }


def _write(directive: dict[str, Any], values: dict[str, Any]) -> None:
    metadata = {
        "Timestamp": time.time_ns() // 1_000_000,
        "CloudWatchMetrics": [directive],
    }
    sys.stdout.write(orjson.dumps({"_aws": metadata, **values}).decode() + "\n")
    sys.stdout.flush()


def _format_stats(stats: RequestStats) -> dict[str, Any]:
    return {
        "kind": stats.kind,
        "requests": 1,
        "errors": int(bool(stats.codes)),
        "milliseconds": stats.seconds * 1_000,
        "cost": stats.cost,
        **stats.format_store_usage(),
        "codes": stats.codes,
        "operation": stats.operation,
        "caller": stats.caller and stats.caller.name,
        "issuer": stats.caller and stats.caller.issuer,
        "requestId": stats.request_id,
    }
