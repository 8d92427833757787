"""Computes the read units of calls: emulators do not count all of them as AWS does."""

from collections.abc import Iterator
from contextlib import contextmanager

from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.recorded_calls import key_counts, operations, record_calls

_CONSISTENT_UNITS = 1.0
_INDEX_UNITS = 0.5


@contextmanager
def measure_read_units(store: DynamoStore) -> Iterator[list[float]]:
    """Measure the read units of a block, if items have at most 4 KB and queries find as much.

    A key without an item takes as many as one with a small item.
    """
    units: list[float] = []
    with record_calls(store) as calls:
        yield units
    queries = sum(name in ("Query", "Scan") for name in operations(calls))
    units.append(sum(key_counts(calls)) * _CONSISTENT_UNITS + queries * _INDEX_UNITS)
