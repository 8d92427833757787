"""The rules by which writes change artifacts: pure functions that all stores share."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain

from storage.artifacts.ids import new_id
from storage.artifacts.names import normalise
from storage.artifacts.records import (
    Artifact,
    ArtifactPatch,
    ArtifactType,
    NewArtifact,
    Reference,
    ReferenceKind,
    Target,
    WriteError,
    WriteErrorCode,
)

MAX_REFERENCES = 90
"""The most references of a model, and the most that one update may add and remove together.

A model and its entries in the reverse index change in one transaction of at most 100 actions.
"""


def now() -> datetime:
    """Return the time with which a write is stamped."""
    return datetime.now(UTC)


def make_artifact(new: NewArtifact) -> Artifact:
    """Return the artifact that is registered if no other has the url."""
    stamp = now()
    identity = new.identity
    artifact = Artifact(
        id=identity.id if identity else new_id(stamp),
        type=new.type,
        name=new.name,
        url=new.url,
        download_url=None,
        version=identity.version if identity else 1,
        named_at=identity.named_at if identity else stamp,
        created_at=identity.created_at if identity else stamp,
        updated_at=identity.updated_at if identity else stamp,
        license=None,
        tags=(),
        references=(),
        rating=None,
    )
    return replace(_set_fields(artifact, new.changes), name=new.name, url=new.url)


def apply_patch(artifact: Artifact, patch: ArtifactPatch) -> Artifact:
    """Return the next version of an artifact; fields that the patch lacks keep their values."""
    stamp = now()
    after = replace(
        _set_fields(artifact, patch), version=artifact.version + 1, updated_at=stamp
    )
    if normalise(after.name) == normalise(artifact.name):
        return after
    return replace(after, named_at=stamp)


def place_after_owner(artifact: Artifact, owner_named_at: datetime | None) -> Artifact:
    """Return the artifact with a `named_at` that is later than that of its name's owner.

    So the owner of a name is always the earliest, until it gives the name up; clocks of
    different machines do not matter.
    """
    if owner_named_at is None or artifact.named_at > owner_named_at:
        return artifact
    return replace(artifact, named_at=owner_named_at + timedelta(microseconds=1))


def is_restored(artifact: Artifact, new: NewArtifact) -> bool:
    """Return whether the artifact is this very version: an import was repeated."""
    identity = new.identity
    if identity is None:
        return False
    return (identity.id, identity.version) == (artifact.id, artifact.version)


def check_writable(
    artifact: Artifact | None,
    id: str,  # noqa: A002 - the registry's own word
    type: ArtifactType | None,  # noqa: A002 - likewise
    expected_version: int | None,
) -> Artifact | WriteError:
    """Return the artifact if it has the type and version that a write expects."""
    if artifact is None:
        return WriteError(
            code=WriteErrorCode.NOT_FOUND, message=f"There is no artifact {id}.", field=("id",)
        )
    if type is not None and artifact.type is not type:
        return WriteError(
            code=WriteErrorCode.WRONG_TYPE,
            message=f"Artifact {id} is a {artifact.type.value}, not a {type.value}.",
            field=("id",),
        )
    if expected_version is not None and artifact.version != expected_version:
        return WriteError(
            code=WriteErrorCode.VERSION_CONFLICT,
            message=f"Expected version {expected_version}, found {artifact.version}.",
            field=("expectedVersion",),
            artifact=artifact,
        )
    return artifact


def check_reference_limit(before: Artifact, after: Artifact) -> WriteError | None:
    """Return an error if the references of an update do not fit into one transaction."""
    moved = reference_targets(before) ^ reference_targets(after)
    if max(len(after.references), len(moved)) <= MAX_REFERENCES:
        return None
    return WriteError(
        code=WriteErrorCode.TOO_MANY,
        message=f"A model has at most {MAX_REFERENCES} references, and one update adds and "
        f"removes at most {MAX_REFERENCES} together.",
    )


def url_taken_error(artifact: Artifact) -> WriteError:
    """Return the error of a write whose url another artifact already has."""
    return WriteError(
        code=WriteErrorCode.ALREADY_EXISTS,
        message=f"The {artifact.type.value} {artifact.id} has this url already.",
        field=("url",),
        artifact=artifact,
    )


def id_taken_error(id: str) -> WriteError:  # noqa: A002 - the registry's own word
    """Return the error of an import whose id another artifact already has."""
    return WriteError(
        code=WriteErrorCode.ALREADY_EXISTS,
        message=f"Another artifact has the id {id}.",
        field=("id",),
    )


def reference_targets(artifact: Artifact) -> frozenset[Target]:
    """Return the targets of an artifact's references: its entries in the reverse index."""
    return frozenset(reference.target for reference in artifact.references)


def _set_fields(artifact: Artifact, patch: ArtifactPatch) -> Artifact:
    return replace(
        artifact,
        name=patch.get("name", artifact.name),
        url=patch.get("url", artifact.url),
        download_url=patch.get("download_url", artifact.download_url),
        license=patch.get("license", artifact.license),
        tags=patch.get("tags", artifact.tags),
        rating=patch.get("rating", artifact.rating),
        references=_replace_references(artifact, patch),
    )


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
