"""What contradicts what in a ledger: artifacts are true, the rest follows from them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from storage.dynamodb.items.codec import Item
from storage.dynamodb.maintenance.scan_db import ScanDatabase
from storage.store import Inconsistency

_ARTIFACTS = """
SELECT id, NULL, message FROM stale
UNION ALL
SELECT reference.model_id, key, 'is not the entry of ' || reference.model_id || ' for ' || value
  FROM reference LEFT JOIN item USING (key)
 WHERE adopted
   AND (item.reference IS NOT value OR item.model_id IS NOT reference.model_id)
UNION ALL
SELECT model, key, 'is in no model''s references'
  FROM (SELECT key, substr(key, 11, instr(substr(key, 11) || '#', '#') - 1) AS model
          FROM item WHERE key GLOB 'reference#*')
 WHERE key NOT IN (SELECT key FROM reference)
   AND model NOT IN (SELECT id FROM undecided WHERE NOT readable)
 ORDER BY 1
"""
_URLS = """
SELECT key, owner, attributes IS NOT NULL,
       json_group_array(json_array(created_at, length(id), id, adopted))
  FROM url LEFT JOIN item USING (key)
 GROUP BY key HAVING count(*) > 1 OR owner IS NOT max(id)
UNION ALL
SELECT key, owner, TRUE, '[]'
  FROM item WHERE key GLOB 'url#*' AND key NOT IN (SELECT key FROM url)
"""
_BEARERS = """
WITH bearer AS (
    -- An owner that the earlier backend has written over still has its place, and is counted.
    SELECT key, CASE WHEN adopted THEN place ELSE owner END AS place
      FROM name LEFT JOIN item USING (key)
     WHERE adopted OR substr(owner, instr(owner, '#') + 1) = id
)
SELECT key, min(place), count(*), attributes
  FROM bearer LEFT JOIN item USING (key)
 GROUP BY key HAVING owner IS NOT min(place) OR bearers IS NOT CAST(count(*) AS TEXT)
UNION ALL
SELECT key, NULL, 0, attributes FROM item
 WHERE key GLOB 'name#*' AND key NOT IN (SELECT key FROM bearer)
"""
_UNREADABLE = "SELECT id FROM undecided WHERE NOT readable"
_ORPHAN = "is owned by nobody that is there"


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation that nobody but a person can decide, or one of those below."""

    violation: Inconsistency


@dataclass(frozen=True, slots=True)
class WrongArtifact(Finding):
    """Attributes of an artifact that do not fit the others, or an entry of its references."""

    id: str
    entry: str | None
    """The id of the reference item."""


@dataclass(frozen=True, slots=True)
class WrongUrl(Finding):
    """A url item that is missing, or whose owner does not have the url."""

    key: str
    owner: str | None
    claimants: tuple[str, ...]
    """Who has the url, the oldest first."""


@dataclass(frozen=True, slots=True)
class WrongName(Finding):
    """A name item that is missing, has the wrong owner or does not count all bearers."""

    key: str
    item: Item | None
    """As it was read before the artifacts."""
    owner: str | None
    """The place of the earliest bearer; None where there is none."""
    bearers: int


def findings(scan_db: ScanDatabase) -> Iterator[Finding]:
    """All that is wrong, but that the earlier backend's artifacts are to be taken in."""
    for id_, message in scan_db.ask("SELECT id, message FROM undecided ORDER BY id"):
        yield Finding(Inconsistency(id_, message, is_repairable=False))
    for id_, entry, message in scan_db.ask(_ARTIFACTS):
        yield WrongArtifact(Inconsistency(entry or id_, message), id_, entry)
    yield from _urls(scan_db)
    yield from _names(scan_db)


def violations(scan_db: ScanDatabase) -> Iterator[Inconsistency]:
    """All that is wrong with what was read."""
    for finding in findings(scan_db):
        yield finding.violation
    for (id_,) in scan_db.ask("SELECT id FROM earlier ORDER BY id"):
        yield Inconsistency(id_, "is the earlier backend's: migrate", is_repairable=False)


def _urls(scan_db: ScanDatabase) -> Iterator[Finding]:
    # What these own nobody can tell from what they are.
    unreadable = {id_ for (id_,) in scan_db.ask(_UNREADABLE)}
    for key, owner, is_there, claims in scan_db.ask(_URLS):
        # By age, as far as it is known; counted ids by their number.
        rows: list[list[Any]] = sorted(orjson.loads(claims))
        ids = tuple(id_ for _, _, id_, _ in rows)
        to_own = is_there or any(adopted for *_, adopted in rows)
        if to_own and owner not in {*ids, *unreadable}:
            message = f"is not owned by {' or '.join(sorted(ids))}" if ids else _ORPHAN
            yield WrongUrl(Inconsistency(key, message), key, owner, ids)
        if len(ids) > 1:
            message = f"is the url of {len(ids)} artifacts: {', '.join(ids)}"
            yield Finding(Inconsistency(key, message, is_repairable=False))


def _names(scan_db: ScanDatabase) -> Iterator[Finding]:
    for key, owner, bearers, attributes in scan_db.ask(_BEARERS):
        message = f"is not {owner} and {bearers} in all" if owner else _ORPHAN
        item = orjson.loads(attributes) if attributes else None
        yield WrongName(Inconsistency(key, message), key, item, owner, bearers)
