"""Turns a table of the earlier backend into ours while that backend goes on using it.

Every step is conditional on what was read and can be made again: an interrupted migration is
simply started anew, and one that is run after the switch-over catches up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice
from operator import itemgetter

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.legacy import backfill
from storage.dynamodb.legacy.backfill import LegacyArtifact
from storage.dynamodb.maintenance import repair as repairs
from storage.dynamodb.maintenance.inconsistencies import findings
from storage.dynamodb.maintenance.patience import retry_for, side_by_side
from storage.dynamodb.maintenance.scan_db import ScanDatabase
from storage.dynamodb.maintenance.table_scan import scan_table
from storage.dynamodb.schema import table
from storage.store import Inconsistency, Progress

_FINDINGS = 25
"""Mended together."""
_ROUNDS = 5
"""Another is of use where something was written meanwhile; they end in any case."""
_EARLIER = """
SELECT earlier.id,
       coalesce(name.key, earlier.id) AS namesakes,
       NOT EXISTS (SELECT 1 FROM item WHERE item.key = url.key AND item.owner IN (
                       SELECT id FROM url AS owned WHERE owned.key = item.key
                       UNION ALL SELECT id FROM undecided WHERE NOT readable))
       AND earlier.id = (
           SELECT id FROM url AS other
            WHERE other.key = url.key ORDER BY created_at, length(id), id LIMIT 1)
  FROM earlier JOIN url USING (id) LEFT JOIN name USING (id)
 ORDER BY namesakes, url.created_at, length(earlier.id), earlier.id
"""
"""Not owned by anybody that has it: the url goes to the oldest."""


@dataclass(frozen=True, slots=True)
class Migration:
    """What a migration did, or would do, and what it could not decide."""

    indexes: Sequence[str]
    adopted: int
    mended: int
    undecided: Sequence[Inconsistency]
    left: int = 0
    """What was written meanwhile, again and again: another run finds it."""


def migrate(client: DynamoClient, progress: Progress, *, dry_run: bool) -> Migration:
    """Add the indexes, take in the earlier backend's artifacts, mend what it left behind.

    Of several artifacts with one type and url the oldest gets the url; all are kept.
    """
    indexes = retry_for(partial(table.missing_indexes, client.boto, client.table))
    if dry_run:
        with scan_table(client, progress) as scan_db:
            wrong, undecided = _told(scan_db)
            return Migration(indexes, _waiting(scan_db), wrong, undecided)
    for at, name in enumerate(indexes):
        progress("indexes", at, len(indexes))
        retry_for(partial(table.add_index, client.boto, client.table, name))
        progress("indexes", at + 1, len(indexes))
    adopted = mended = left = 0
    for _ in range(_ROUNDS):
        with scan_table(client, progress) as scan_db:
            wrong, undecided = _told(scan_db)
            left = wrong + _waiting(scan_db)
            if not left:
                break
            mended += (mended_now := _mend(client, scan_db, wrong, progress))
            adopted += (adopted_now := _adopt(client, scan_db, progress))
            left -= mended_now + adopted_now
    return Migration(indexes, adopted, mended, undecided, left)


def repair(client: DynamoClient, progress: Progress) -> int:
    """Mend all that follows from the artifacts and tell how much it was."""
    mended = 0
    for _ in range(_ROUNDS):
        with scan_table(client, progress) as scan_db:
            wrong, _undecided = _told(scan_db)
            if not wrong:
                break
            mended += _mend(client, scan_db, wrong, progress)
    return mended


def _waiting(scan_db: ScanDatabase) -> int:
    ((count,),) = scan_db.ask("SELECT count(*) FROM earlier")
    return int(count)


def _told(scan_db: ScanDatabase) -> tuple[int, list[Inconsistency]]:
    """How much can be mended, and what a person must decide."""
    wrong, undecided = 0, []
    for finding in findings(scan_db):
        if finding.violation.is_repairable:
            wrong += 1
        else:
            undecided.append(finding.violation)
    return wrong, undecided


def _mend(client: DynamoClient, scan_db: ScanDatabase, wrong: int, progress: Progress) -> int:
    found = (finding for finding in findings(scan_db) if finding.violation.is_repairable)
    return side_by_side(
        partial(repairs.mend, client),
        iter(lambda: list(islice(found, _FINDINGS)), []),
        lambda seen: progress("mending", seen, wrong),
    )


def _adopt(client: DynamoClient, scan_db: ScanDatabase, progress: Progress) -> int:
    waiting = _waiting(scan_db)
    return side_by_side(
        partial(backfill.backfill, client),
        _namesakes_together(scan_db),
        lambda seen: progress("artifacts", seen, waiting),
    )


def _namesakes_together(scan_db: ScanDatabase) -> Iterator[list[LegacyArtifact]]:
    """Namesakes share an item, and would be in each other's way side by side."""
    batch: list[LegacyArtifact] = []
    for _, rows in groupby(scan_db.ask(_EARLIER), itemgetter(1)):
        namesakes = [LegacyArtifact(id_, bool(takes_url)) for id_, _, takes_url in rows]
        if batch and len(batch) + len(namesakes) > backfill.MOST:
            yield batch
            batch = []
        batch += namesakes
    if batch:
        yield batch
