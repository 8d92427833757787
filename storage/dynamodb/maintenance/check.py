"""Checks a table by comparing its side items with its artifacts."""

from collections.abc import Iterator
from functools import partial

from storage.clock import Clock, system_clock
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.feed.log_state import read_log_state
from storage.dynamodb.maintenance.batches import retry_for
from storage.dynamodb.maintenance.inconsistencies import VacantName, find_inconsistencies
from storage.dynamodb.maintenance.scan_rows import CURRENT
from storage.dynamodb.maintenance.table_scan import scan_table
from storage.dynamodb.schema.keys import SCHEMA_KEY
from storage.inconsistencies import UNFINISHED_RESET, Inconsistency


def check(client: DynamoClient, clock: Clock = system_clock) -> Iterator[Inconsistency]:
    """Yield the inconsistencies that two scans find; one alone would see writes half done."""
    first = set(_scan(client, clock))
    if first:
        yield from (each for each in _scan(client, clock) if each in first)
    if retry_for(partial(read_log_state, client)).is_being_reset:
        yield Inconsistency(SCHEMA_KEY, UNFINISHED_RESET, is_repairable=False)


def _scan(client: DynamoClient, clock: Clock) -> Iterator[Inconsistency]:
    with scan_table(client, CURRENT, _ignore_progress, clock) as scan_db:
        for each in find_inconsistencies(scan_db):
            if not isinstance(each, VacantName):
                yield each.inconsistency


def _ignore_progress(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""
