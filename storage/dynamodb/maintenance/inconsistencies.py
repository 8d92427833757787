"""Finds inconsistencies in a scanned table; what the artifacts say is right."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from storage.dynamodb.maintenance.histories import find_wrong_histories
from storage.dynamodb.maintenance.scan_db import ScanDatabase
from storage.dynamodb.maintenance.table_inconsistency import TableInconsistency
from storage.dynamodb.schema.attributes import Item
from storage.inconsistencies import Inconsistency

_ARTIFACTS = """
SELECT id, NULL, message FROM stale
UNION ALL
SELECT reference.model_id, key,
       'is not the reverse link of ' || reference.model_id || ' for ' || value
  FROM reference LEFT JOIN item USING (key)
 WHERE is_backfilled
   AND (item.reference IS NOT value OR item.model_id IS NOT reference.model_id)
UNION ALL
SELECT model, key, 'is not among its model''s references'
  FROM (SELECT key, substr(key, 11, instr(substr(key, 11) || '#', '#') - 1) AS model
          FROM item WHERE key GLOB 'reference#*')
 WHERE key NOT IN (SELECT key FROM reference)
   AND model NOT IN (SELECT id FROM undecided WHERE NOT is_readable)
 ORDER BY 1
"""
_URLS = """
SELECT key, owner, attributes IS NOT NULL,
       json_group_array(json_array(created_at, length(id), id, is_backfilled))
  FROM url LEFT JOIN item USING (key)
 GROUP BY key HAVING count(*) > 1 OR owner IS NOT max(id)
UNION ALL
SELECT key, owner, TRUE, '[]'
  FROM item WHERE (key GLOB 'url#*' OR key GLOB 'url-sha256#*')
   AND key NOT IN (SELECT key FROM url)
"""
_NAMES = """
WITH bearer AS (
    -- An owner that the earlier backend has overwritten keeps its place.
    SELECT key, CASE WHEN is_backfilled THEN place ELSE owner END AS place
      FROM name LEFT JOIN item USING (key)
     WHERE is_backfilled OR substr(owner, instr(owner, '#') + 1) = id
), needed AS (
    -- Later times leave no room for those who join: they are not the latest time of a name.
    SELECT key, min(place) AS first,
           coalesce(max(substr(place, 1, instr(place, '#') - 1))
                    FILTER (WHERE place < '9999'), '') AS last
      FROM bearer GROUP BY key
)
SELECT key, first, max(last, coalesce(last_since, '')), attributes
  FROM needed LEFT JOIN item USING (key)
 WHERE owner IS NOT first OR coalesce(last_since, '') < last OR is_older
UNION ALL
SELECT key, NULL, '', attributes FROM item
 WHERE (key GLOB 'name#*' OR key GLOB 'name-sha256#*') AND key NOT IN (SELECT key FROM bearer)
"""
_UNREADABLE = "SELECT id FROM undecided WHERE NOT is_readable"
_ORPHAN = "has no owner in the table"


@dataclass(frozen=True, slots=True)
class WrongArtifact(TableInconsistency):
    """An artifact with stale attributes, or a wrong reference item."""

    id: str
    reference_key: str | None
    """The key of the reference item; None if the artifact's own item is wrong."""


@dataclass(frozen=True, slots=True)
class WrongUrl(TableInconsistency):
    """A url's uniqueness item that is missing, or whose owner does not have the url."""

    key: str
    owner: str | None
    claimants: tuple[str, ...]
    """The artifacts that have the url, the oldest first."""


@dataclass(frozen=True, slots=True)
class WrongName(TableInconsistency):
    """A name's uniqueness item that is missing, or has the wrong owner or latest time."""

    key: str
    item: Item | None
    """As it was read before the artifacts."""
    owner: str | None
    """The place of the artifact that has had the name longest; None if none has it."""
    last_since: str
    """The latest time at which an artifact took the name; empty if it is not known."""


@dataclass(frozen=True, slots=True)
class VacantName(WrongName):
    """A name without an owner, as it is when its owner has left and no index showed others.

    The next lookup or registration gives it an owner: a check does not report it.
    """


def find_inconsistencies(scan_db: ScanDatabase) -> Iterator[TableInconsistency]:
    """Yield all that is wrong, except that legacy artifacts are not migrated yet."""
    for id_, message in scan_db.select("SELECT id, message FROM undecided ORDER BY id"):
        yield TableInconsistency(Inconsistency(id_, message, is_repairable=False))
    for id_, key, message in scan_db.select(_ARTIFACTS):
        yield WrongArtifact(Inconsistency(key or id_, message), id_, key)
    yield from _find_wrong_urls(scan_db)
    yield from _find_wrong_names(scan_db)
    yield from find_wrong_histories(scan_db)


def count_repairable(scan_db: ScanDatabase) -> tuple[int, list[Inconsistency]]:
    """Return how many inconsistencies can be repaired, and those that people must decide."""
    repairable, undecided = 0, []
    for each in find_inconsistencies(scan_db):
        if each.inconsistency.is_repairable:
            repairable += 1
        else:
            undecided.append(each.inconsistency)
    return repairable, undecided


def _find_wrong_urls(scan_db: ScanDatabase) -> Iterator[TableInconsistency]:
    # Whether an unreadable artifact has the url that it owns cannot be told.
    unreadable = {id_ for (id_,) in scan_db.select(_UNREADABLE)}
    for key, owner, exists, claims in scan_db.select(_URLS):
        # By age, as far as it is known; numeric ids by their number.
        rows: list[list[Any]] = sorted(orjson.loads(claims))
        ids = tuple(id_ for _, _, id_, _ in rows)
        must_exist = exists or any(is_backfilled for *_, is_backfilled in rows)
        if must_exist and owner not in {*ids, *unreadable}:
            message = f"is not owned by {' or '.join(sorted(ids))}" if ids else _ORPHAN
            yield WrongUrl(Inconsistency(key, message), key, owner, ids)
        if len(ids) > 1:
            message = f"is the url of {len(ids)} artifacts: {', '.join(ids)}"
            yield TableInconsistency(Inconsistency(key, message, is_repairable=False))


def _find_wrong_names(scan_db: ScanDatabase) -> Iterator[TableInconsistency]:
    for key, owner, last, attributes in scan_db.select(_NAMES):
        message = f"does not have the owner {owner} and the latest time {last or None}"
        item = orjson.loads(attributes) if attributes else None
        found = Inconsistency(key, message if owner else _ORPHAN)
        is_vacant = item is not None and "owner" not in item
        yield (VacantName if is_vacant else WrongName)(found, key, item, owner, last)
