"""Makes the rows of a report: the figures of one run, and the medians of several."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from tests.benchmarks.measurement import Measurement, ratio
from tests.benchmarks.proxy import Call, round_trips

REGISTRY, SQLITE = "registry", "registry on SQLite"
YOGA, MERCURIUS = "yoga", "mercurius"
BOTO, WHOLE = "boto3", "boto3, whole items"
_OTHERS = {"yoga": YOGA, "mercurius": MERCURIUS, "boto3": BOTO, "whole_items": WHOLE}
_RATIO = "cpu_to_"

Row = dict[str, Any]


def make_rows(
    query: str,
    connections: int,
    measured: Mapping[str, Measurement],
    calls: Mapping[str, Sequence[Call]],
) -> list[Row]:
    """Return a row for each system; `calls` are those of one request, where they are known."""
    return [
        {
            "query": query,
            "system": name,
            "connections": connections,
            **measured[name].figures(),
            **_ratios(measured, name),
            **_call_figures(calls.get(name)),
        }
        for name in measured
    ]


def combine_runs(runs: Sequence[Sequence[Row]]) -> list[Row]:
    """Return the median of each figure over runs, whose rows are in the same order.

    A ratio is followed by its range: its least and its greatest value.
    """
    return [_combine([rows[at] for rows in runs]) for at in range(len(runs[0]))]


def _combine(rows: Sequence[Row]) -> Row:
    combined: Row = {}
    for name, value in rows[0].items():
        values = [row[name] for row in rows]
        combined[name] = median(values) if isinstance(value, float) else value
        if name.startswith(_RATIO):
            short = name.removeprefix(_RATIO)
            combined[f"{short}_range"] = f"{min(values):.2f} to {max(values):.2f}"
    return combined


def _ratios(measured: Mapping[str, Measurement], name: str) -> dict[str, float]:
    return {
        f"{_RATIO}{short}": ratio(measured[name], measured[other])
        for short, other in _OTHERS.items()
        if other in measured
    }


def _call_figures(calls: Sequence[Call] | None) -> Row:
    if calls is None:
        return {}
    return {
        "calls": Counter(call.operation for call in calls),
        "round_trips": round_trips(calls),
    }
