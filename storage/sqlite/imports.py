"""Imports artifacts with their histories, within a transaction of the caller's."""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from storage.artifacts.changes import Change, ChangeKind, describe_change
from storage.artifacts.records import Artifact
from storage.artifacts.write_errors import id_taken_error
from storage.artifacts.write_rules import Stamp
from storage.artifacts.writes import NewArtifact, OnConflict, WriteError, WriteOutcome, Written
from storage.change_queries import DeletedArtifact, ImportedHistory
from storage.sqlite import changes, deleted, lookups
from storage.sqlite.writes import register


def import_history(
    db: sqlite3.Connection,
    new: NewArtifact,
    history: ImportedHistory,
    on_conflict: OnConflict,
    stamp: Stamp,
) -> Written | WriteError:
    """Register an exported artifact with its history, or what restoring it needs."""
    if history.deleted is not None:
        return _import_deleted(db, history.changes, history.deleted, stamp)
    version = new.identity.version if new.identity else 0
    newest = _find_version(history.changes, version)
    result = register(db, new, on_conflict, stamp, newest)
    if isinstance(result, Written) and result.outcome is not WriteOutcome.UPDATED:
        _write_older(db, history.changes, result.artifact)
    return result


def _import_deleted(
    db: sqlite3.Connection,
    history: Iterable[Change],
    entry: DeletedArtifact,
    stamp: Stamp,
) -> Written | WriteError:
    artifact = entry.artifact
    if lookups.has_id(db, artifact.id):
        return id_taken_error(artifact.id)
    outcome = WriteOutcome.UNCHANGED
    if deleted.last_version(db, artifact.id) < artifact.version:
        outcome = WriteOutcome.CREATED
        deleted.write_deleted(db, artifact.id, artifact.version, entry.deleted_at, artifact)
        newest = _find_version(history, artifact.version) or _describe_deletion(entry, stamp)
        changes.write_change(db, newest, stamp.at)
    _write_older(db, history, artifact)
    return Written(artifact=artifact, outcome=outcome)


def _describe_deletion(entry: DeletedArtifact, stamp: Stamp) -> Change:
    tombstone = replace(entry.artifact, updated_at=entry.deleted_at)
    return describe_change(entry.artifact, tombstone, stamp.attribution, ChangeKind.DELETED)


def _find_version(history: Iterable[Change], version: int) -> Change | None:
    return next((change for change in history if change.version == version), None)


def _write_older(db: sqlite3.Connection, history: Iterable[Change], artifact: Artifact) -> None:
    """Store those changes before an artifact's version that are absent, outside of the feed.

    The artifact may be another one that had the url already, which has its own history.
    """
    for change in history:
        if change.artifact_id == artifact.id and change.version < artifact.version:
            changes.write_older_change(db, change)
