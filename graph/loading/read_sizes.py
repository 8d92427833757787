"""Estimates how much a call of the store has read."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from storage.artifacts.changes import Change
from storage.artifacts.records import NOT_READ, PartialArtifact
from storage.change_queries import FeedPage, HistoryPage
from storage.search.pages import Page

_OVERHEAD = 300
"""Bytes of an artifact's or a change's identifiers, times, name and URL."""
_REFERENCE = 100
"""Bytes of a reference."""
_Measure = Callable[[Any], int]
_TEXTS: tuple[tuple[Callable[[PartialArtifact], Any], _Measure], ...] = (
    (attrgetter("tags"), lambda tags: sum(map(len, tags))),
    (attrgetter("properties"), lambda pairs: sum(len(k) + len(v) for k, v in pairs)),
    (attrgetter("description"), lambda text: len(text or "")),
)
"""The details of artifacts that have texts of any length, and how they are measured."""


def measure(result: object) -> tuple[int, int]:
    """Return the number of artifacts and changes in a result of the store, and their bytes.

    The bytes are about those of the texts of any length, such as descriptions and tags.
    """
    records = list(_list_records(result))
    artifacts = [record for record in records if isinstance(record, PartialArtifact)]
    size = _OVERHEAD * len(records) + _measure_artifacts(artifacts)
    if len(artifacts) < len(records):
        size += sum(map(_measure_change, records))
    return len(records), size


def _list_records(result: object) -> Sequence[Any]:
    """Return the artifacts and changes in a result; other values are left out."""
    if isinstance(result, Page):
        return [entry.artifact for entry in result.entries]
    if isinstance(result, (HistoryPage, FeedPage)):
        return result.changes
    if isinstance(result, Mapping):
        return _list_records(list(result.values()))
    if isinstance(result, (list, tuple)):
        if result and isinstance(result[0], (Page, HistoryPage)):
            return list(chain.from_iterable(map(_list_records, result)))
        return [each for each in result if isinstance(each, (PartialArtifact, Change))]
    return [result] if isinstance(result, PartialArtifact) else []


def _measure_artifacts(artifacts: Sequence[PartialArtifact]) -> int:
    """Return the bytes of the details of artifacts, of all of which the same were read."""
    size = 0
    for read, measure_detail in _TEXTS:
        if artifacts and read(artifacts[0]) is not NOT_READ:
            size += sum(map(measure_detail, map(read, artifacts)))
    lists = [a.references for a in artifacts if isinstance(a.references, tuple)]
    return size + _REFERENCE * sum(map(len, lists))


def _measure_change(record: object) -> int:
    if not isinstance(record, Change):
        return 0
    return sum(_measure_json([each.before, each.after]) for each in record.fields)


def _measure_json(value: object) -> int:
    """Return the length of all texts in a value."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(map(_measure_json, value.values()))
    return sum(map(_measure_json, value)) if isinstance(value, (list, tuple)) else 0
