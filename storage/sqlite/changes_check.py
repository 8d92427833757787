"""Compares changes and deleted artifacts with the artifacts that exist."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from storage.artifacts.changes import Change, ChangeKind
from storage.inconsistencies import Inconsistency
from storage.sqlite.changes import SELECT_CHANGES, decode_change, write_change
from storage.sqlite.deleted import find_unreadable
from storage.sqlite.fetch import fetch, fetch_one
from storage.sqlite.history_check import find_wrong_changes
from storage.sqlite.values import LAST_VERSION

_Repair = Callable[[sqlite3.Connection, datetime], None]
_Finding = tuple[Inconsistency, _Repair | None]

_TOO_HIGH = f"""
SELECT DISTINCT artifact.id, artifact.version FROM artifact JOIN change
    ON change.artifact_id = artifact.id AND change.version > artifact.version
 WHERE artifact.version BETWEEN 1 AND {LAST_VERSION}
"""  # noqa: S608 - constants only
_DELETE_TOO_HIGH = """
DELETE FROM change
 WHERE artifact_id = ?1 AND version > ?2
   AND EXISTS (SELECT 1 FROM artifact WHERE id = ?1 AND version = ?2)
"""
"""The repairs are made later than they are found: others may have written meanwhile."""
_ALIVE = "SELECT id FROM deleted WHERE EXISTS (SELECT 1 FROM artifact WHERE id = deleted.id)"
_DELETE_ENTRY = """
DELETE FROM deleted WHERE id = ?1 AND EXISTS (SELECT 1 FROM artifact WHERE id = ?1)
"""
_BEHIND = """
SELECT id, max(subject.version), max(change.version)
  FROM (SELECT id, version FROM artifact UNION ALL SELECT id, version FROM deleted) AS subject
  JOIN change ON artifact_id = id
 GROUP BY id HAVING max(change.version) < max(subject.version)
"""
_GAPS = """
SELECT artifact_id, version - 1 FROM change AS later
 WHERE seq > 0 AND kind <> 'registered'
   AND NOT EXISTS (SELECT 1 FROM change
                    WHERE artifact_id = later.artifact_id AND version = later.version - 1)
   AND EXISTS (SELECT 1 FROM change
                WHERE artifact_id = later.artifact_id AND version < later.version)
"""
"""Imported artifacts may have gaps: they keep their versions, but not all of their changes."""
_GONE = f"""
{SELECT_CHANGES} AS newest
 WHERE version = (SELECT max(version) FROM change WHERE artifact_id = newest.artifact_id)
   AND kind <> 'deleted'
   AND NOT EXISTS (SELECT 1 FROM artifact WHERE id = newest.artifact_id)
"""  # noqa: S608 - constants only
_NEWER = """
SELECT 1 FROM artifact WHERE id = ?1
 UNION ALL SELECT 1 FROM change WHERE artifact_id = ?1 AND version > ?2
"""
"""Finds an artifact that is not gone any more, or has another newest change."""


def find_inconsistencies(db: sqlite3.Connection) -> Iterator[_Finding]:
    """Yield contradictions between changes, deleted artifacts and artifacts, with repairs."""
    for id_, version in fetch(db, _TOO_HIGH):
        message = f"has changes of versions above its own, {version}"
        yield Inconsistency(id_, message), _statement(_DELETE_TOO_HIGH, id_, version)
    for (id_,) in fetch(db, _ALIVE):
        message = "exists, and is also noted as deleted"
        yield Inconsistency(id_, message), _statement(_DELETE_ENTRY, id_)
    yield from _find_incomplete_histories(db)
    yield from _find_gone(db)
    for id_ in find_unreadable(db):
        message = "is deleted, and cannot be restored because it cannot be read"
        yield Inconsistency(id_, message, is_repairable=False), None
    yield from ((found, None) for found in find_wrong_changes(db))


def _find_incomplete_histories(db: sqlite3.Connection) -> Iterator[_Finding]:
    for id_, version, newest in fetch(db, _BEHIND):
        message = f"has version {version}, but its newest change is version {newest}"
        yield Inconsistency(id_, message, is_repairable=False), None
    for id_, version in fetch(db, _GAPS):
        message = f"has no change of version {version}"
        yield Inconsistency(id_, message, is_repairable=False), None


def _find_gone(db: sqlite3.Connection) -> Iterator[_Finding]:
    """Yield artifacts that are gone, while no change says that they were deleted."""
    for row in fetch(db, _GONE):
        change = decode_change(row)
        if isinstance(change, Change):
            message = "is gone, but no change says that it was deleted"
            yield Inconsistency(row[0], message), partial(_record_deletion, newest=change)


def _record_deletion(db: sqlite3.Connection, now: datetime, *, newest: Change) -> None:
    if fetch_one(db, _NEWER, (newest.artifact_id, newest.version)) is not None:
        return
    deletion = replace(
        newest,
        version=newest.version + 1,
        kind=ChangeKind.DELETED,
        at=max(now, newest.at),
        by=None,
        request_id=None,
        fields=(),
    )
    write_change(db, deletion, now)


def _statement(statement: str, *values: object) -> _Repair:
    def repair(db: sqlite3.Connection, _: datetime) -> None:
        db.execute(statement, values)

    return repair
