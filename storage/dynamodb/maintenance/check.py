"""Checks a table by comparing its side items with its artifacts."""

from collections.abc import Iterator

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.maintenance.inconsistencies import find_inconsistencies
from storage.dynamodb.maintenance.table_scan import CURRENT, scan_table
from storage.store import Inconsistency


def check(client: DynamoClient) -> Iterator[Inconsistency]:
    """Yield the inconsistencies that two scans find; one alone would see writes half done."""
    first = set(_scan(client))
    if first:
        yield from (each for each in _scan(client) if each in first)


def _scan(client: DynamoClient) -> Iterator[Inconsistency]:
    with scan_table(client, CURRENT, _ignore_progress) as scan_db:
        for each in find_inconsistencies(scan_db):
            yield each.inconsistency


def _ignore_progress(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""
