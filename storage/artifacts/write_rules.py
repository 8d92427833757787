"""The rules by which writes change artifacts: pure functions that all stores share."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain

from storage.artifacts.changes import ANONYMOUS, Attribution, ChangeKind
from storage.artifacts.ids import new_id
from storage.artifacts.names import normalise
from storage.artifacts.records import (
    Artifact,
    Reference,
    ReferenceKind,
    SavedRating,
)
from storage.artifacts.reference_stamps import keep_stamps
from storage.artifacts.write_errors import url_taken_error
from storage.artifacts.write_limits import check_new, check_update
from storage.artifacts.writes import (
    ArtifactPatch,
    NewArtifact,
    OnConflict,
    WriteError,
    WriteOutcome,
)
from storage.clock import to_milliseconds

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Stamp:
    """The time of a write, its caller and its request."""

    at: datetime
    attribution: Attribution = ANONYMOUS


def make_artifact(new: NewArtifact, stamp: Stamp, deleted_version: int = 0) -> Artifact:
    """Return the artifact that is registered if no other has the url.

    `deleted_version` is the version at which an artifact with the given id was deleted: the
    versions of one id never go down.
    """
    identity, actor = new.identity, stamp.attribution.by
    version = max(identity.version, deleted_version + 1) if identity else 1
    artifact = Artifact(
        id=identity.id if identity else new_id(stamp.at),
        type=new.type,
        name=new.name,
        url=new.url,
        download_url=None,
        version=version,
        named_at=identity.named_at if identity else stamp.at,
        created_at=identity.created_at if identity else stamp.at,
        updated_at=identity.updated_at if identity else stamp.at,
        license=None,
        tags=(),
        references=(),
        rating=None,
        description=None,
        properties=(),
        created_by=identity.created_by if identity else actor,
        updated_by=identity.updated_by if identity else actor,
        content_version=(identity.content_version if identity else None) or version,
    )
    made = replace(_set_fields(artifact, new.changes, stamp), name=new.name, url=new.url)
    if made.rating is None or identity is None:
        return made
    return replace(
        made, rating=replace(made.rating, at=identity.rated_at, by=identity.rated_by)
    )


def apply_patch(artifact: Artifact, patch: ArtifactPatch, stamp: Stamp) -> Artifact:
    """Return the next version of an artifact, or the artifact itself if nothing changes.

    Fields that the patch lacks keep their values, and references that it does not change keep
    what they resolved to when they were written.
    """
    after = _set_fields(artifact, patch, stamp)
    if after == artifact:
        return artifact
    after = advance(after, stamp)
    if replace(after, rating=artifact.rating) != advance(artifact, stamp):
        after = replace(after, content_version=after.version)
    if normalise(after.name) == normalise(artifact.name):
        return after
    return _take_name_anew(after)


def advance(artifact: Artifact, stamp: Stamp) -> Artifact:
    """Return the artifact with its next version, and the time and caller of a write.

    The time is later than that of the version before, whatever the clocks say.
    """
    return replace(
        artifact,
        version=artifact.version + 1,
        updated_at=max(stamp.at, _after(to_milliseconds(artifact.updated_at), _MILLISECOND)),
        updated_by=stamp.attribution.by,
    )


def restore_deleted(artifact: Artifact, deleted_at: datetime, stamp: Stamp) -> Artifact:
    """Return a deleted artifact, which has the version of its deletion, as it is restored.

    It takes its name anew.
    """
    return _take_name_anew(advance(replace(artifact, updated_at=deleted_at), stamp))


def _take_name_anew(artifact: Artifact) -> Artifact:
    """Return the artifact with a later `named_at`, also if the one it has is in the future.

    An artifact never has two of its names since the same time.
    """
    later = _after(artifact.named_at, _MICROSECOND)
    return replace(artifact, named_at=max(artifact.updated_at, later))


def change_kind(before: Artifact, after: Artifact) -> ChangeKind:
    """Return the kind of an update: RATED if it changed the rating alone."""
    is_rating = after.content_version == before.content_version
    return ChangeKind.RATED if is_rating else ChangeKind.UPDATED


def place_after_last(artifact: Artifact, last_since: datetime | None) -> Artifact:
    """Return the artifact with a `named_at` later than those of all that had its name before.

    So the one that has had the name longest is always the one with the earliest time; clocks
    of different machines do not matter.
    """
    if last_since is None or artifact.named_at > last_since:
        return artifact
    return replace(artifact, named_at=_after(last_since, _MICROSECOND))


def is_restored(artifact: Artifact, new: NewArtifact) -> bool:
    """Return whether the artifact is this very version: an import was repeated."""
    identity = new.identity
    if identity is None:
        return False
    return (identity.id, identity.version) == (artifact.id, artifact.version)


def predict_registration(
    new: NewArtifact, owner: Artifact | None, on_conflict: OnConflict, stamp: Stamp
) -> tuple[Artifact, WriteOutcome] | WriteError:
    """Return what a registration would make, given the artifact that has its url."""
    if owner is None:
        artifact = make_artifact(new, stamp)
        return check_new(artifact) or (artifact, WriteOutcome.CREATED)
    if on_conflict is OnConflict.REJECT:
        return url_taken_error(owner)
    after = apply_patch(owner, new.changes, stamp)
    if error := check_update(owner, after):
        return error
    return after, WriteOutcome.UNCHANGED if after is owner else WriteOutcome.UPDATED


def _after(time: datetime, step: timedelta) -> datetime:
    """Return a later time; the end of time, which older versions let be imported, stays."""
    return min(time, _END_OF_TIME - step) + step


def _set_fields(artifact: Artifact, patch: ArtifactPatch, stamp: Stamp) -> Artifact:
    return replace(
        artifact,
        name=patch.get("name", artifact.name),
        url=patch.get("url", artifact.url),
        download_url=patch.get("download_url", artifact.download_url),
        description=patch.get("description", artifact.description),
        license=patch.get("license", artifact.license),
        tags=patch.get("tags", artifact.tags),
        properties=patch.get("properties", artifact.properties),
        rating=_replace_rating(artifact, patch, stamp),
        references=keep_stamps(_replace_references(artifact, patch), artifact.references),
    )


def _replace_rating(
    artifact: Artifact, patch: ArtifactPatch, stamp: Stamp
) -> SavedRating | None:
    old = artifact.rating
    text = patch.get("rating", old.text if old else None)
    if text is None or (old and old.text == text):
        return old if text else None
    return SavedRating(text, stamp.at, stamp.attribution.by)


def _replace_references(artifact: Artifact, patch: ArtifactPatch) -> tuple[Reference, ...]:
    by_kind = {
        ReferenceKind.DATASET: patch.get("datasets"),
        ReferenceKind.CODE: patch.get("codes"),
        ReferenceKind.BASE_MODEL: patch.get("base_models"),
    }
    return tuple(
        chain.from_iterable(
            [r for r in artifact.references if r.kind is kind]
            if references is None
            else references
            for kind, references in by_kind.items()
        )
    )
