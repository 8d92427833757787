"""Turns a table of the earlier backend into ours while that backend goes on using it.

Every step is conditional on what was read and can be made again: an interrupted migration is
simply started anew, and one that is run after the switch-over catches up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice
from operator import itemgetter

from storage.dynamodb import adoption, mending, table
from storage.dynamodb.adoption import Newcomer
from storage.dynamodb.client import DynamoClient
from storage.dynamodb.findings import findings
from storage.dynamodb.ledger import Ledger
from storage.dynamodb.patience import patiently, side_by_side
from storage.dynamodb.survey import survey
from storage.store import Progress
from storage.violations import Violation

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
    undecided: Sequence[Violation]
    left: int = 0
    """What was written meanwhile, again and again: another run finds it."""


def migrate(client: DynamoClient, progress: Progress, *, dry_run: bool) -> Migration:
    """Add the indexes, take in the earlier backend's artifacts, mend what it left behind.

    Of several artifacts with one type and url the oldest gets the url; all are kept.
    """
    indexes = patiently(partial(table.missing_indexes, client.boto, client.table))
    if dry_run:
        with survey(client, progress) as ledger:
            wrong, undecided = _told(ledger)
            return Migration(indexes, _waiting(ledger), wrong, undecided)
    for at, name in enumerate(indexes):
        progress("indexes", at, len(indexes))
        patiently(partial(table.add_index, client.boto, client.table, name))
        progress("indexes", at + 1, len(indexes))
    adopted = mended = left = 0
    for _ in range(_ROUNDS):
        with survey(client, progress) as ledger:
            wrong, undecided = _told(ledger)
            left = wrong + _waiting(ledger)
            if not left:
                break
            mended += (mended_now := _mend(client, ledger, wrong, progress))
            adopted += (adopted_now := _adopt(client, ledger, progress))
            left -= mended_now + adopted_now
    return Migration(indexes, adopted, mended, undecided, left)


def repair(client: DynamoClient, progress: Progress) -> int:
    """Mend all that follows from the artifacts and tell how much it was."""
    mended = 0
    for _ in range(_ROUNDS):
        with survey(client, progress) as ledger:
            wrong, _undecided = _told(ledger)
            if not wrong:
                break
            mended += _mend(client, ledger, wrong, progress)
    return mended


def _waiting(ledger: Ledger) -> int:
    ((count,),) = ledger.ask("SELECT count(*) FROM earlier")
    return int(count)


def _told(ledger: Ledger) -> tuple[int, list[Violation]]:
    """How much can be mended, and what a person must decide."""
    wrong, undecided = 0, []
    for finding in findings(ledger):
        if finding.violation.can_be_mended:
            wrong += 1
        else:
            undecided.append(finding.violation)
    return wrong, undecided


def _mend(client: DynamoClient, ledger: Ledger, wrong: int, progress: Progress) -> int:
    found = (finding for finding in findings(ledger) if finding.violation.can_be_mended)
    return side_by_side(
        partial(mending.mend, client),
        iter(lambda: list(islice(found, _FINDINGS)), []),
        lambda seen: progress("mending", seen, wrong),
    )


def _adopt(client: DynamoClient, ledger: Ledger, progress: Progress) -> int:
    waiting = _waiting(ledger)
    return side_by_side(
        partial(adoption.adopt, client),
        _namesakes_together(ledger),
        lambda seen: progress("artifacts", seen, waiting),
    )


def _namesakes_together(ledger: Ledger) -> Iterator[list[Newcomer]]:
    """Namesakes share an item, and would be in each other's way side by side."""
    batch: list[Newcomer] = []
    for _, rows in groupby(ledger.ask(_EARLIER), itemgetter(1)):
        namesakes = [Newcomer(id_, bool(takes_url)) for id_, _, takes_url in rows]
        if batch and len(batch) + len(namesakes) > adoption.MOST:
            yield batch
            batch = []
        batch += namesakes
    if batch:
        yield batch
