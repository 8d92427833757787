"""The errors of writes that are rejected, in the words of the API."""

from storage.artifacts.records import (
    Artifact,
    ArtifactType,
)
from storage.artifacts.writes import (
    WriteError,
    WriteErrorCode,
)


def check_writable(
    artifact: Artifact | None,
    id: str,  # noqa: A002 - the registry's own word
    type: ArtifactType | None,  # noqa: A002 - likewise
    expected_version: int | None,
) -> Artifact | WriteError:
    """Return the artifact if it has the type and version that a write expects."""
    if artifact is None:
        return not_found_error(id)
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


def not_found_error(id: str) -> WriteError:  # noqa: A002 - the registry's own word
    """Return the error of a write to an artifact that does not exist."""
    return WriteError(
        code=WriteErrorCode.NOT_FOUND, message=f"There is no artifact {id}.", field=("id",)
    )


def not_deleted_error(id: str) -> WriteError:  # noqa: A002 - the registry's own word
    """Return the error of restoring an artifact that is not known as deleted."""
    return WriteError(
        code=WriteErrorCode.NOT_FOUND,
        message=f"There is no deleted artifact {id}.",
        field=("id",),
    )


def not_restorable_error(id: str) -> WriteError:  # noqa: A002 - the registry's own word
    """Return the error of restoring an artifact of which what was kept cannot be read."""
    return WriteError(
        code=WriteErrorCode.NOT_FOUND,
        message=f"The artifact {id} was deleted, but cannot be restored: what was kept of it "
        "cannot be read.",
        field=("id",),
    )


def url_taken_error(artifact: Artifact, *field: str) -> WriteError:
    """Return the error of a write whose url another artifact already has."""
    return WriteError(
        code=WriteErrorCode.ALREADY_EXISTS,
        message=f"The {artifact.type.value} {artifact.id} already has this url.",
        field=field or ("input", "url"),
        artifact=artifact,
    )


def id_taken_error(id: str) -> WriteError:  # noqa: A002 - the registry's own word
    """Return the error of an import whose id another artifact already has."""
    return WriteError(
        code=WriteErrorCode.ALREADY_EXISTS,
        message=f"Another artifact has the id {id}.",
        field=("input", "id"),
    )
