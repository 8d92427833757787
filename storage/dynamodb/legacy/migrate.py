"""Migrates a table of the earlier backend, or of an older format, in place.

Every step is conditional on what was read and can be repeated: a migration that was interrupted
is simply run again, and so is one that ran while the earlier backend was still writing.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from operator import itemgetter

from storage.callbacks import Progress
from storage.clock import system_clock
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.formats.lease import Clock, migration_lease
from storage.dynamodb.formats.schema_item import (
    LOG_FORMAT,
    SchemaItem,
    abandon_action,
    read_schema_item,
)
from storage.dynamodb.legacy.backfill import MAX_ARTIFACTS, LegacyArtifact, backfill
from storage.dynamodb.legacy.legacy_codec import (
    decode_legacy,
    decode_without_histories,
    is_backfilled,
    only_if_unchanged,
)
from storage.dynamodb.legacy.table_state import (
    TableState,
    read_table_state,
    refuse_newer,
)
from storage.dynamodb.maintenance.batches import retry_for, run_batches
from storage.dynamodb.maintenance.inconsistencies import count_repairable
from storage.dynamodb.maintenance.repair import MAX_ROUNDS, Repairer
from storage.dynamodb.maintenance.scan_db import ScanDatabase
from storage.dynamodb.maintenance.scan_rows import ItemReader
from storage.dynamodb.maintenance.table_scan import scan_table
from storage.dynamodb.schema import index_changes, table
from storage.dynamodb.schema.throughput import IndexUnits, Throughput
from storage.inconsistencies import Inconsistency

LEGACY = ItemReader(decode_legacy, is_backfilled, only_if_unchanged)
OLDER = ItemReader(decode_without_histories, is_backfilled, only_if_unchanged)
"""Of a table in a format without histories; this version's servers do not write to it."""
_SELECT_LEGACY = """
SELECT legacy.id,
       coalesce(name.key, legacy.id) AS namesakes,
       NOT EXISTS (SELECT 1 FROM item WHERE item.key = url.key AND item.owner IN (
                       SELECT id FROM url AS owned WHERE owned.key = item.key
                       UNION ALL SELECT id FROM undecided WHERE NOT is_readable))
       AND legacy.id = (
           SELECT id FROM url AS other
            WHERE other.key = url.key ORDER BY created_at, length(id), id LIMIT 1),
       1 + max(coalesce((SELECT max(version) FROM change WHERE id = legacy.id), 0),
               coalesce((SELECT version FROM deleted WHERE id = legacy.id), 0))
  FROM legacy JOIN url USING (id) LEFT JOIN name USING (id)
 ORDER BY namesakes, url.created_at, length(legacy.id), legacy.id
"""
"""A url that no artifact which has it owns goes to the oldest that has it."""


@dataclass(frozen=True, slots=True)
class Migration:
    """The result of a migration, or of a dry run."""

    indexes: Sequence[str] = ()
    """The indexes that were added."""
    throughput: Throughput | None = None
    """The throughput of each of them; None if the table is on demand."""
    removed: Sequence[str] = ()
    """The indexes of older formats that were removed."""
    migrated: int = 0
    """The artifacts that were migrated."""
    repaired: int = 0
    """The items that were repaired: of an older format, or wrong since others had written."""
    undecided: Sequence[Inconsistency] = ()
    """The inconsistencies that only a person can decide."""
    left: int = 0
    """The items that others kept writing meanwhile: another run is needed."""
    is_finished: bool = False
    """True if the table has this version's format, so that servers can use it."""


def migrate(
    client: DynamoClient,
    progress: Progress,
    *,
    clock: Clock = time.time,
    dry_run: bool = False,
    early: bool = False,
    units: IndexUnits = IndexUnits(),  # noqa: B008 - immutable
) -> Migration:
    """Add the indexes, migrate and repair artifacts, then write the schema item.

    Last, when servers of older formats cannot start any more, their indexes are removed. Of
    several artifacts with one type and url the oldest gets the url; all are kept. An `early`
    run does neither of the last two, so that no server starts on a table of the earlier backend
    before the last run. Servers of an older format of this registry refuse writes as soon as
    they have read the schema item again, within 60 seconds.

    Raises:
        StoreSetupError: if the table is not one to migrate, or another migration is running.
    """
    state = read_table_state(client, units)
    if dry_run or (state.is_current and not (state.missing or state.obsolete)):
        planned = _plan(client, state, progress)
        if dry_run or not (planned.repaired or planned.migrated):
            return replace(planned, removed=()) if early else planned
    with migration_lease(client, clock) as lease:
        # Another migration may have finished while this one waited for its lease.
        state = read_table_state(client, units)
        _add_indexes(client, state, progress)
        done = _migrate_artifacts(client, _reader(state.schema), progress)
        done = replace(done, indexes=state.missing, throughput=state.throughput)
        if early or done.left:
            return replace(done, is_finished=state.is_current)
        lease.finish()
    _remove_indexes(client, state.obsolete, progress)
    return replace(done, removed=state.obsolete, is_finished=True)


def abandon(client: DynamoClient) -> bool:
    """Mark the table as not migrated, before a return to the earlier backend.

    Running servers refuse writes within seconds, and none starts until the next migration.
    Returns False if it was not marked as migrated.

    Raises:
        StoreSetupError: if the table is not one to migrate, or has a newer format.
    """
    retry_for(partial(table.missing_indexes, client.control, client.table))
    schema = retry_for(partial(read_schema_item, client))
    refuse_newer(schema, client.table)
    if schema is None or schema.format is None:
        return False
    return retry_for(partial(client.transact, [abandon_action()]))


def _reader(schema: SchemaItem | None) -> ItemReader:
    is_older = schema and schema.format is not None and schema.format < LOG_FORMAT
    return OLDER if is_older else LEGACY


def _plan(client: DynamoClient, state: TableState, progress: Progress) -> Migration:
    """Return the result that a migration would have."""
    with scan_table(client, _reader(state.schema), progress, system_clock) as scan_db:
        repairable, undecided = count_repairable(scan_db)
        return Migration(
            indexes=state.missing,
            throughput=state.throughput,
            removed=state.obsolete,
            migrated=_count_legacy(scan_db),
            repaired=repairable,
            undecided=undecided,
            is_finished=state.is_current,
        )


def _add_indexes(client: DynamoClient, state: TableState, progress: Progress) -> None:
    add_index = partial(
        index_changes.add_index, client.control, client.table, throughput=state.throughput
    )
    for at, name in enumerate(state.missing):
        progress("indexes", at, len(state.missing))
        retry_for(partial(add_index, name))
        progress("indexes", at + 1, len(state.missing))


def _remove_indexes(client: DynamoClient, names: Sequence[str], progress: Progress) -> None:
    for at, name in enumerate(names):
        progress("removing indexes", at, len(names))
        retry_for(partial(index_changes.delete_index, client.control, client.table, name))
        progress("removing indexes", at + 1, len(names))


def _migrate_artifacts(
    client: DynamoClient, reader: ItemReader, progress: Progress
) -> Migration:
    migrated = repaired = left = 0
    repairer = Repairer(client, reader, system_clock)
    for _ in range(MAX_ROUNDS):
        with scan_table(client, reader, progress, system_clock) as scan_db:
            repairable, undecided = count_repairable(scan_db)
            left = repairable + _count_legacy(scan_db)
            if not left:
                break
            repaired_now = repairer.repair(scan_db, repairable, progress)
            migrated_now = _backfill(client, scan_db, progress)
        repaired, migrated = repaired + repaired_now, migrated + migrated_now
        left -= repaired_now + migrated_now
    return Migration(migrated=migrated, repaired=repaired, undecided=undecided, left=left)


def _count_legacy(scan_db: ScanDatabase) -> int:
    ((count,),) = scan_db.select("SELECT count(*) FROM legacy")
    return int(count)


def _backfill(client: DynamoClient, scan_db: ScanDatabase, progress: Progress) -> int:
    total = _count_legacy(scan_db)
    return run_batches(
        partial(backfill, client),
        _batch_namesakes(scan_db),
        lambda finished: progress("artifacts", finished, total),
    )


def _batch_namesakes(scan_db: ScanDatabase) -> Iterator[list[LegacyArtifact]]:
    """Yield batches; namesakes share an item, and would be in conflict in parallel batches."""
    batch: list[LegacyArtifact] = []
    for _, rows in groupby(scan_db.select(_SELECT_LEGACY), itemgetter(1)):
        namesakes = [
            LegacyArtifact(id_, bool(takes_url), version) for id_, _, takes_url, version in rows
        ]
        if batch and len(batch) + len(namesakes) > MAX_ARTIFACTS:
            yield batch
            batch = []
        batch += namesakes
    if batch:
        yield batch
