"""What a write makes of an artifact: the same pure rules for every store."""

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
"""References of one model, and those that one update adds and removes together: a model and
its entries in the reverse index change in one transaction of at most 100 actions."""


def now() -> datetime:
    """The time that a write is stamped with."""
    return datetime.now(UTC)


def make_artifact(draft: NewArtifact) -> Artifact:
    """The artifact that a draft becomes where its url is free."""
    stamp = now()
    blank = Artifact(
        id=new_id(stamp),
        type=draft.type,
        name=draft.name,
        url=draft.url,
        download_url=None,
        version=1,
        named_at=stamp,
        created_at=stamp,
        updated_at=stamp,
        license=None,
        tags=(),
        references=(),
        rating=None,
    )
    artifact = replace(_with_fields(blank, draft.changes), name=draft.name, url=draft.url)
    if (kept := draft.identity) is None:
        return artifact
    return replace(
        artifact,
        id=kept.id,
        version=kept.version,
        created_at=kept.created_at,
        updated_at=kept.updated_at,
        named_at=kept.named_at,
    )


def changed(artifact: Artifact, changes: ArtifactPatch) -> Artifact:
    """The next version of an artifact: what was not given stays as it was."""
    stamp = now()
    after = replace(
        _with_fields(artifact, changes), version=artifact.version + 1, updated_at=stamp
    )
    if normalise(after.name) == normalise(artifact.name):
        return after
    return replace(after, named_at=stamp)


def joining(artifact: Artifact, owner_named_at: datetime | None) -> Artifact:
    """The artifact as it joins the bearers of its name: after the owner, whatever clocks say.

    So the owner is always the earliest, and stays it until it leaves.
    """
    if owner_named_at is None or artifact.named_at > owner_named_at:
        return artifact
    return replace(artifact, named_at=owner_named_at + timedelta(microseconds=1))


def is_restored(artifact: Artifact, draft: NewArtifact) -> bool:
    """Whether the draft is this very version: an interrupted import that is run again."""
    kept = draft.identity
    return kept is not None and (kept.id, kept.version) == (artifact.id, artifact.version)


def writable(
    artifact: Artifact | None,
    id: str,  # noqa: A002 - the registry's own word
    type: ArtifactType | None,  # noqa: A002 - likewise
    expected_version: int | None,
) -> Artifact | WriteError:
    """The artifact, if it is the one that a write means; else why the write cannot be."""
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


def too_many_changes(before: Artifact, after: Artifact) -> WriteError | None:
    """Why an update's references cannot be written in one transaction, or None."""
    moved = targets(before) ^ targets(after)
    if max(len(after.references), len(moved)) <= MAX_REFERENCES:
        return None
    return WriteError(
        code=WriteErrorCode.TOO_MANY,
        message=f"A model has at most {MAX_REFERENCES} references, and one update adds and "
        f"removes at most {MAX_REFERENCES} together.",
    )


def url_taken(artifact: Artifact) -> WriteError:
    """Why a url cannot be had: `artifact` has it."""
    return WriteError(
        code=WriteErrorCode.ALREADY_EXISTS,
        message=f"The {artifact.type.value} {artifact.id} has this url already.",
        field=("url",),
        artifact=artifact,
    )


def id_taken(id: str) -> WriteError:  # noqa: A002 - the registry's own word
    """Why an import cannot keep its id: another artifact has it."""
    return WriteError(
        code=WriteErrorCode.ALREADY_EXISTS,
        message=f"Another artifact has the id {id}.",
        field=("id",),
    )


def targets(artifact: Artifact) -> frozenset[Target]:
    """What the artifact's references look for, each once: its entries in the reverse index."""
    return frozenset(reference.target for reference in artifact.references)


def _with_fields(artifact: Artifact, changes: ArtifactPatch) -> Artifact:
    return replace(
        artifact,
        name=changes.get("name", artifact.name),
        url=changes.get("url", artifact.url),
        download_url=changes.get("download_url", artifact.download_url),
        license=changes.get("license", artifact.license),
        tags=changes.get("tags", artifact.tags),
        rating=changes.get("rating", artifact.rating),
        references=_references(artifact, changes),
    )


def _references(artifact: Artifact, changes: ArtifactPatch) -> tuple[Reference, ...]:
    given = {
        ReferenceKind.DATASET: changes.get("datasets"),
        ReferenceKind.CODE: changes.get("codes"),
        ReferenceKind.BASE_MODEL: changes.get("base_models"),
    }
    return tuple(
        chain.from_iterable(
            [r for r in artifact.references if r.kind is kind] if new is None else new
            for kind, new in given.items()
        )
    )
