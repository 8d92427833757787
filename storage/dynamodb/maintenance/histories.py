"""Finds contradictions in the histories of artifacts: changes, the log and deletions."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import chain, groupby
from operator import itemgetter

import orjson

from storage.artifacts.change_digests import find_contradictions
from storage.dynamodb.maintenance.scan_db import ScanDatabase
from storage.dynamodb.maintenance.table_inconsistency import TableInconsistency
from storage.dynamodb.schema.keys import change_key, deleted_key
from storage.inconsistencies import CONTRADICTION, Inconsistency

_MISSING_CHANGES = """
SELECT id, artifact.version FROM newest JOIN artifact USING (id)
 WHERE newest.version < artifact.version AND id NOT IN (
       SELECT id FROM undecided WHERE NOT is_readable)
"""
_CHANGES_ABOVE = """
SELECT id, change.version, artifact.version FROM change JOIN artifact USING (id)
 WHERE change.version > artifact.version
"""
_NOT_LOGGED = """
SELECT id, newest.version FROM newest
  LEFT JOIN artifact USING (id) LEFT JOIN deleted USING (id)
 WHERE newest.version = coalesce(artifact.version, deleted.version)
   AND NOT EXISTS (SELECT 1 FROM logged
                    WHERE logged.id = newest.id AND logged.version = newest.version)
"""
_DELETED_BUT_THERE = "SELECT id FROM deleted JOIN artifact USING (id)"
_GAPS = """
SELECT id, version - 1 FROM change AS later
 WHERE NOT is_expired AND kind <> 'registered'
   AND EXISTS (SELECT 1 FROM change WHERE change.id = later.id AND NOT is_expired
                AND change.version < later.version)
   AND NOT EXISTS (SELECT 1 FROM change
                    WHERE change.id = later.id AND change.version = later.version - 1)
"""
_MISSING_DELETIONS = """
SELECT id, version FROM newest
 WHERE id NOT IN (SELECT id FROM artifact) AND id NOT IN (SELECT id FROM deleted)
"""
_WRONG_DELETIONS = """
SELECT id, newest.version FROM newest JOIN deleted USING (id)
 WHERE id NOT IN (SELECT id FROM artifact) AND newest.version <> deleted.version
"""


_HISTORIES = """
SELECT id, artifact.version, artifact.digests, change.version, change.digests
  FROM change LEFT JOIN artifact USING (id)
 WHERE change.digests IS NOT NULL
 ORDER BY id, change.version DESC
"""


class HistoryRepair(Enum):
    """The action that repairs a history."""

    ADD_CHANGE = "add change"
    DELETE_CHANGE = "delete change"
    ADD_LOG_ENTRY = "add log entry"
    ADD_DELETION = "add deletion"
    DELETE_DELETED = "delete deleted artifact"


@dataclass(frozen=True, slots=True)
class WrongHistory(TableInconsistency):
    """A change, an entry of the log or a deleted artifact that is missing or too much."""

    id: str
    version: int
    """That of the artifact, of its deletion, or of the newest change of one that is gone."""
    repair: HistoryRepair


def find_wrong_histories(scan_db: ScanDatabase) -> Iterator[TableInconsistency]:
    """Yield what contradicts the versions of the artifacts, and the gaps in their histories."""
    yield from _find_repairable(scan_db)
    yield from _find_wrong_deletions(scan_db)
    for id_, version in scan_db.select(_GAPS):
        found = Inconsistency(change_key(id_, version), "is missing", is_repairable=False)
        yield TableInconsistency(found)
    yield from _find_contradictions(scan_db)


def _find_contradictions(scan_db: ScanDatabase) -> Iterator[TableInconsistency]:
    """Yield the changes that contradict their artifact or the change after them."""
    for id_, rows in groupby(scan_db.select(_HISTORIES), itemgetter(0)):
        first = next(rows)
        current = (first[1], orjson.loads(first[2])) if first[2] else None
        changes = ((row[3], orjson.loads(row[4])) for row in chain([first], rows))
        for version in find_contradictions(current, changes):
            key = change_key(id_, version)
            yield TableInconsistency(Inconsistency(key, CONTRADICTION, is_repairable=False))


def _find_repairable(scan_db: ScanDatabase) -> Iterator[WrongHistory]:
    for id_, version in scan_db.select(_MISSING_CHANGES):
        found = Inconsistency(change_key(id_, version), "is missing")
        yield WrongHistory(found, id_, version, HistoryRepair.ADD_CHANGE)
    for id_, above, version in scan_db.select(_CHANGES_ABOVE):
        message = f"is above the version {version} of its artifact"
        found = Inconsistency(change_key(id_, above), message)
        yield WrongHistory(found, id_, version, HistoryRepair.DELETE_CHANGE)
    for id_, version in scan_db.select(_NOT_LOGGED):
        found = Inconsistency(change_key(id_, version), "is not in the log")
        yield WrongHistory(found, id_, version, HistoryRepair.ADD_LOG_ENTRY)


def _find_wrong_deletions(scan_db: ScanDatabase) -> Iterator[TableInconsistency]:
    for (id_,) in scan_db.select(_DELETED_BUT_THERE):
        found = Inconsistency(deleted_key(id_), "is of an artifact that is not deleted")
        yield WrongHistory(found, id_, 0, HistoryRepair.DELETE_DELETED)
    for id_, version in scan_db.select(_MISSING_DELETIONS):
        found = Inconsistency(deleted_key(id_), "is missing: the artifact is gone")
        yield WrongHistory(found, id_, version, HistoryRepair.ADD_DELETION)
    for id_, version in scan_db.select(_WRONG_DELETIONS):
        message = "is the newest change, but not the deletion"
        found = Inconsistency(change_key(id_, version), message, is_repairable=False)
        yield TableInconsistency(found)
