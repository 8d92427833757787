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
from storage.temporary_database import open_temporary_database

_FOUND = "CREATE TABLE found (about TEXT, message TEXT, PRIMARY KEY (about, message));"
_PUT = "INSERT OR IGNORE INTO found VALUES (?, ?)"
_HAS = "SELECT 1 FROM found WHERE about = ? AND message = ?"


def check(client: DynamoClient, clock: Clock = system_clock) -> Iterator[Inconsistency]:
    """Yield the inconsistencies that two scans find; one alone would see writes half done."""
    with open_temporary_database(_FOUND) as first:
        first.executemany(_PUT, map(_key, _scan(client, clock)))
        if first.execute("SELECT 1 FROM found LIMIT 1").fetchone():
            for each in _scan(client, clock):
                if first.execute(_HAS, _key(each)).fetchone():
                    yield each
    if retry_for(partial(read_log_state, client)).is_being_reset:
        yield Inconsistency(SCHEMA_KEY, UNFINISHED_RESET, is_repairable=False)


def _key(inconsistency: Inconsistency) -> tuple[str, str]:
    return inconsistency.about, inconsistency.message


def _scan(client: DynamoClient, clock: Clock) -> Iterator[Inconsistency]:
    with scan_table(client, CURRENT, _ignore_progress, clock) as scan_db:
        for each in find_inconsistencies(scan_db):
            if not isinstance(each, VacantName):
                yield each.inconsistency


def _ignore_progress(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""
