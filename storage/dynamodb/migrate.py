"""Turns a table of the earlier backend into ours while that backend goes on using it.

Every step is conditional on what was read and can be run again: an interrupted migration is
simply started anew, and one that is run after the switch-over catches up.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from storage.dynamodb import table, writes
from storage.dynamodb.client import DynamoClient
from storage.dynamodb.survey import Finding, age, findings, survey
from storage.store import Progress
from storage.violations import Violation

_T = TypeVar("_T")
_BATCH = 25
_ROUNDS = 5
"""Mending again is of use where the registry was written meanwhile; it ends in any case."""


@dataclass(frozen=True, slots=True)
class Migration:
    """What a migration did, or would do, and what it could not decide."""

    indexes: Sequence[str]
    adopted: int
    mended: int
    undecided: Sequence[Violation]


def migrate(client: DynamoClient, progress: Progress, *, dry_run: bool) -> Migration:
    """Add the indexes, take in the earlier backend's artifacts, mend what it left behind.

    Of several artifacts with one type and url the oldest gets the url; all are kept.
    """
    indexes = table.missing_indexes(client.boto, client.table)
    if dry_run:
        seen = survey(client)
        found = list(findings(seen))
        mended = sum(1 for finding in found if finding.mending)
        undecided = [v for v in _undecided(found) if v.about not in seen.earlier]
        return Migration(indexes, len(seen.earlier), mended, undecided)
    for at, name in enumerate(indexes):
        progress("indexes", at, len(indexes))
        table.add_index(client.boto, client.table, name)
    earlier = sorted(survey(client).earlier, key=age)
    for at, ids in _batches(earlier):
        progress("artifacts", at, len(earlier))
        writes.adopt(client, ids)
    mended = mend(client, progress)
    return Migration(indexes, len(earlier), mended, _undecided(findings(survey(client))))


def mend(client: DynamoClient, progress: Progress) -> int:
    """Mend all that follows from the artifacts and tell how much it was."""
    mended = 0
    for _ in range(_ROUNDS):
        found = [finding for finding in findings(survey(client)) if finding.mending]
        if not found:
            break
        for at, batch in _batches(found):
            progress("mending", at, len(found))
            mended += _mend(client, batch)
    return mended


def _mend(client: DynamoClient, batch: Sequence[Finding]) -> int:
    if client.transact([action for finding in batch for action in finding.mending]):
        return len(batch)
    return sum(client.transact(finding.mending) for finding in batch)


def _batches(things: Sequence[_T]) -> Iterator[tuple[int, Sequence[_T]]]:
    return ((at, things[at : at + _BATCH]) for at in range(0, len(things), _BATCH))


def _undecided(found: Iterable[Finding]) -> list[Violation]:
    return [finding.violation for finding in found if not finding.mending]
