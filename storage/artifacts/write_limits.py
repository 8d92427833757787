"""The limits of what writes make of artifacts, whichever store they are in."""

from storage.artifacts.changes import encoded_size
from storage.artifacts.records import Artifact
from storage.artifacts.reference_stamps import reference_targets
from storage.artifacts.writes import WriteError, WriteErrorCode

MAX_VERSION = 2_000_000_000
"""The last version of an artifact: its deletion still has to fit into GraphQL's Int."""
MAX_REFERENCES = 90
"""The most references of a model. It is registered with them in one transaction."""
MAX_CHANGED_REFERENCES = 85
"""The most references that one update may add and remove together.

A model and its reverse links change in one transaction of at most 100 actions.
"""
MAX_ARTIFACT_BYTES = 150_000
"""The most bytes of an artifact's fields as JSON.

A change holds them before and after, and has to fit into a DynamoDB item of 400 KB.
"""


def check_update(before: Artifact, after: Artifact) -> WriteError | None:
    """Return an error if an update exceeds a limit.

    An artifact from before there was a limit of bytes may change if that makes it no larger.
    """
    moved = reference_targets(before) ^ reference_targets(after)
    if len(after.references) > MAX_REFERENCES or len(moved) > MAX_CHANGED_REFERENCES:
        return WriteError(
            code=WriteErrorCode.TOO_MANY,
            message=f"A model has at most {MAX_REFERENCES} references, and one update adds and "
            f"removes at most {MAX_CHANGED_REFERENCES} together.",
            field=("input",),
        )
    if error := check_version(after):
        return error
    error = check_size(after)
    return error if error and encoded_size(after) > encoded_size(before) else None


def check_new(artifact: Artifact) -> WriteError | None:
    """Return an error if an artifact that is registered exceeds a limit."""
    return check_version(artifact, "input", "version") or check_size(artifact)


def check_version(artifact: Artifact, *field: str) -> WriteError | None:
    """Return an error if the version of an artifact is one that no import would accept.

    Only its deletion may have the next one, so that every artifact can be deleted.
    """
    if artifact.version <= MAX_VERSION:
        return None
    return WriteError(
        code=WriteErrorCode.TOO_MANY,
        message=f"Version {MAX_VERSION:,} of an artifact is the last one: after it, the "
        "artifact can only be deleted.",
        field=field or ("id",),
    )


def check_size(artifact: Artifact) -> WriteError | None:
    """Return an error if all fields of an artifact together are too large."""
    size = encoded_size(artifact)
    if size <= MAX_ARTIFACT_BYTES:
        return None
    return WriteError(
        code=WriteErrorCode.TOO_MANY,
        message=f"All fields of an artifact together have at most {MAX_ARTIFACT_BYTES:,} bytes "
        f"as JSON, not {size:,}.",
        field=("input",),
    )
