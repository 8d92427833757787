"""Registers and updates artifacts, within a transaction of the caller's."""

import sqlite3

from storage.artifacts.names import normalise
from storage.artifacts.projection import CORE_PROJECTION, FULL_PROJECTION
from storage.artifacts.records import (
    Artifact,
    ArtifactPatch,
    LookupField,
    NewArtifact,
    OnConflict,
    Registered,
    Target,
    WriteError,
)
from storage.artifacts.write_rules import (
    apply_patch,
    check_reference_limit,
    id_taken_error,
    is_restored,
    make_artifact,
    place_after_owner,
    url_taken_error,
)
from storage.sqlite import lookups, rows


def register(
    db: sqlite3.Connection, new: NewArtifact, on_conflict: OnConflict
) -> Registered | WriteError:
    """Register an artifact, or update the one that has its url."""
    owner = lookups.resolve_target(
        db, Target(new.type, LookupField.URL, new.url), FULL_PROJECTION
    )
    if owner is None:
        artifact = make_artifact(new)
        if lookups.get_by_ids(db, [artifact.id], CORE_PROJECTION):
            return id_taken_error(artifact.id)
        artifact = _take_name(db, artifact)
        rows.write_artifact(db, artifact)
        return Registered(artifact=artifact, created=True)
    if on_conflict is OnConflict.REJECT:
        return url_taken_error(owner)
    if is_restored(owner, new):
        return Registered(artifact=owner, created=False)
    outcome = update(db, owner, new.changes)
    if isinstance(outcome, WriteError):
        return outcome
    return Registered(artifact=outcome, created=False)


def update(
    db: sqlite3.Connection, artifact: Artifact, changes: ArtifactPatch
) -> Artifact | WriteError:
    """Write the next version of an artifact, and return it."""
    after = apply_patch(artifact, changes)
    if refused := check_reference_limit(artifact, after):
        return refused
    owner = lookups.resolve_target(
        db, Target(after.type, LookupField.URL, after.url), FULL_PROJECTION
    )
    if owner is not None and owner.id != after.id:
        return url_taken_error(owner)
    if after.named_at != artifact.named_at:
        after = _take_name(db, after)
    rows.write_artifact(db, after)
    return after


def _take_name(db: sqlite3.Connection, artifact: Artifact) -> Artifact:
    """Return the artifact with a `named_at` later than that of the owner of its name."""
    name = Target(artifact.type, LookupField.NAME, normalise(artifact.name))
    owner = lookups.resolve_target(db, name, CORE_PROJECTION)
    return place_after_owner(artifact, None if owner is None else owner.named_at)
