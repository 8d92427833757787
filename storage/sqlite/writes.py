"""Registers, updates, deletes and restores artifacts, within a transaction of the caller's."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from storage.artifacts.changes import Change, ChangeKind, describe_change
from storage.artifacts.names import normalise
from storage.artifacts.projection import CORE_PROJECTION, FULL_PROJECTION
from storage.artifacts.records import (
    Artifact,
    ArtifactType,
    LookupField,
    PartialArtifact,
    Reference,
    ResolvedTarget,
    Target,
)
from storage.artifacts.reference_stamps import new_references, stamp_references
from storage.artifacts.url_prefixes import check_new_url, check_present_url
from storage.artifacts.write_errors import (
    check_writable,
    id_taken_error,
    not_deleted_error,
    not_restorable_error,
    url_taken_error,
)
from storage.artifacts.write_limits import check_new, check_update, check_version
from storage.artifacts.write_rules import (
    Stamp,
    advance,
    apply_patch,
    change_kind,
    is_restored,
    make_artifact,
    place_after_last,
    restore_deleted,
)
from storage.artifacts.writes import (
    ArtifactPatch,
    Deleted,
    NewArtifact,
    OnConflict,
    WriteError,
    WriteErrorCode,
    WriteOutcome,
    Written,
)
from storage.errors import UndecodableError
from storage.search import writing as search_index
from storage.sqlite import changes, deleted, lookups, rows, unreadable
from storage.sqlite.retention import read_cutoff


def register(
    db: sqlite3.Connection,
    new: NewArtifact,
    on_conflict: OnConflict,
    stamp: Stamp,
    newest: Change | None = None,
) -> Written | WriteError:
    """Register an artifact, or update the one that has its url.

    `newest` is the change of an imported artifact, to be stored as it was.
    """
    if error := check_new_url(stamp.attribution, new.url):
        return error
    owner = _find_owner(db, new.type, new.url)
    if owner is None:
        return _create(db, new, stamp, newest)
    if isinstance(owner, WriteError):
        return owner
    if on_conflict is OnConflict.REJECT:
        return url_taken_error(owner)
    if is_restored(owner, new):
        return Written(artifact=owner, outcome=WriteOutcome.UNCHANGED)
    return update(db, owner, new.changes, stamp)


def _create(
    db: sqlite3.Connection, new: NewArtifact, stamp: Stamp, newest: Change | None
) -> Written | WriteError:
    last_version = deleted.last_version(db, new.identity.id) if new.identity else 0
    artifact = make_artifact(new, stamp, last_version)
    if lookups.has_id(db, artifact.id):
        return id_taken_error(artifact.id)
    if error := check_new(artifact):
        return error
    artifact = _take_name(db, artifact)
    if new.identity is None:  # exported references say what they resolved to, if to anything
        artifact = _stamp_references(db, None, artifact)
    deleted.remove_deleted(db, artifact.id)
    rows.write_artifact(db, artifact)
    if newest is None or newest.version != artifact.version:
        newest = describe_change(None, artifact, stamp.attribution, ChangeKind.REGISTERED)
    changes.write_change(db, newest, stamp.at)
    return Written(artifact=artifact, outcome=WriteOutcome.CREATED)


def update(
    db: sqlite3.Connection, before: Artifact, patch: ArtifactPatch, stamp: Stamp
) -> Written | WriteError:
    """Write the next version of an artifact, unless the patch changes nothing."""
    after = apply_patch(before, patch, stamp)
    if after is before:
        return Written(artifact=before, outcome=WriteOutcome.UNCHANGED)
    if error := check_update(before, after):
        return error
    owner = _find_owner(db, after.type, after.url) if after.url != before.url else None
    if isinstance(owner, WriteError):
        return owner
    if owner is not None:
        return url_taken_error(owner)
    if normalise(after.name) != normalise(before.name):
        after = _take_name(db, after)
    after = _stamp_references(db, before, after)
    rows.write_artifact(db, after)
    kind = change_kind(before, after)
    changes.write_change(db, describe_change(before, after, stamp.attribution, kind), stamp.at)
    return Written(artifact=after, outcome=WriteOutcome.UPDATED)


def delete(
    db: sqlite3.Connection,
    id_: str,
    artifact_type: ArtifactType | None,
    expected_version: int | None,
    stamp: Stamp,
) -> Deleted | WriteError:
    """Delete an artifact and its references; one that cannot be read cannot be restored."""
    stored = lookups.get_by_ids(db, [id_], FULL_PROJECTION).get(id_)
    artifact = None if isinstance(stored, UndecodableError) else stored
    if stored and (error := check_present_url(stamp.attribution, artifact)):
        return error
    subject = unreadable.describe(db, id_, stamp.at) if stored and not artifact else artifact
    checked = check_writable(subject, id_, artifact_type, expected_version)
    if isinstance(checked, WriteError):
        return replace(checked, artifact=checked.artifact and artifact)
    successor = lookups.find_successor(db, checked)
    tombstone = advance(checked, stamp)
    db.execute("DELETE FROM artifact WHERE id = ?", (id_,))
    search_index.remove_artifact(db, id_)
    deleted.write_deleted(db, id_, tombstone.version, tombstone.updated_at, artifact)
    change = describe_change(checked, tombstone, stamp.attribution, ChangeKind.DELETED)
    changes.write_change(db, change, stamp.at)
    return Deleted(id=id_, artifact=artifact, successor=successor)


def restore(db: sqlite3.Connection, id_: str, stamp: Stamp) -> Written | WriteError:
    """Restore a deleted artifact, which takes its name anew."""
    entry = deleted.read_deleted(db, id_, read_cutoff(db, stamp.at))
    if entry is None or lookups.has_id(db, id_):
        return not_deleted_error(id_)
    if isinstance(entry, UndecodableError):
        return not_restorable_error(id_)
    artifact = restore_deleted(entry.artifact, entry.deleted_at, stamp)
    forbidden_error = check_present_url(stamp.attribution, artifact)
    if error := forbidden_error or check_version(artifact):
        return error
    owner = _find_owner(db, artifact.type, artifact.url)
    if isinstance(owner, WriteError):
        return replace(owner, field=("id",))
    if owner is not None:
        return url_taken_error(owner, "id")
    artifact = _take_name(db, artifact)
    deleted.remove_deleted(db, id_)
    rows.write_artifact(db, artifact)
    change = describe_change(None, artifact, stamp.attribution, ChangeKind.RESTORED)
    changes.write_change(db, change, stamp.at)
    return Written(artifact=artifact, outcome=WriteOutcome.CREATED)


def _find_owner(
    db: sqlite3.Connection, artifact_type: ArtifactType, url: str
) -> Artifact | WriteError | None:
    """Return the artifact that has a url, or the error that it has it and cannot be read."""
    target = Target(artifact_type, LookupField.URL, url)
    owner = lookups.resolve_target(db, target, FULL_PROJECTION)
    if not isinstance(owner, UndecodableError):
        return owner
    return WriteError(
        code=WriteErrorCode.ALREADY_EXISTS,
        message=f"The {artifact_type.value} {lookups.find_id(db, target)} already has this url,"
        " and cannot be read.",
        field=("input", "url"),
    )


def _take_name(db: sqlite3.Connection, artifact: Artifact) -> Artifact:
    """Return the artifact with a `named_at` later than those of all that have its name.

    A blank name is nobody's, and is not taken.
    """
    if not normalise(artifact.name):
        return artifact
    return place_after_last(artifact, lookups.last_since(db, artifact))


def _stamp_references(
    db: sqlite3.Connection, before: Artifact | None, after: Artifact
) -> Artifact:
    """Return the artifact with added references noting what they resolve to now.

    Imported references may have noted it already.
    """
    added = [r for r in new_references(before, after) if r.resolved is None]
    if not added:
        return after
    return stamp_references(after, added, _resolve(db, added))


def _resolve(
    db: sqlite3.Connection, references: Sequence[Reference]
) -> dict[Target, ResolvedTarget]:
    found = {}
    for target in {reference.target for reference in references}:
        artifact = lookups.resolve_target(db, target, CORE_PROJECTION)
        if isinstance(artifact, PartialArtifact):
            since = artifact.named_at if target.lookup_field is LookupField.NAME else None
            found[target] = ResolvedTarget(artifact.id, since, artifact.version)
    return found
