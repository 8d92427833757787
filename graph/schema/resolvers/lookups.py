"""Find single artifacts by id, URL or name."""

from collections.abc import Sequence
from typing import Any

from graph.context import Context
from graph.errors import bad_input
from graph.loading.batch_loader import Loaded
from graph.schema.types.artifact import Artifact, artifact_from_optional_record
from graph.schema.types.artifact_by import ArtifactBy
from storage.artifacts import records
from storage.artifacts.ids import is_id
from storage.artifacts.inputs import parse_url
from storage.artifacts.names import normalise
from storage.artifacts.records import ArtifactType, LookupField, Target
from storage.artifacts.writes import InvalidInputError
from storage.errors import UndecodableError

_INVALID_URL = (
    "`{}` must be an absolute URL with a scheme and a host, without whitespace, of at most "
    "2,000 bytes."
)


async def find_by_id(context: Context, id_: str) -> Artifact | None:
    """Return the artifact with this id; None if there is none.

    Raises:
        UndecodableError: It cannot be read.
    """
    if not is_id(id_):
        return None
    return artifact_from_optional_record(await context.loaders.artifact_by_id.load(id_))


async def find_by_ids(context: Context, ids: Sequence[str]) -> list[Any]:
    """Return the artifacts with these ids, in the order of the ids; None for an unknown id.

    One that cannot be read is an error in its place, which GraphQL reports at its path.
    """
    valid_ids = [id_ for id_ in ids if is_id(id_)]
    loaded = await context.loaders.artifact_by_id.load_many(valid_ids)
    artifacts = dict(zip(valid_ids, map(_to_object, loaded), strict=True))
    return [artifacts.get(id_) for id_ in ids]


def _to_object(
    loaded: Loaded[records.PartialArtifact | None],
) -> Artifact | UndecodableError | None:
    if isinstance(loaded, UndecodableError):
        return loaded
    return artifact_from_optional_record(loaded)


async def find_artifact(
    context: Context, artifact_type: ArtifactType, by: ArtifactBy
) -> records.PartialArtifact | None:
    """Return the artifact of a type that has the given id, URL or name.

    Raises:
        RequestError: The URL is not valid.
    """
    target = to_target(artifact_type, by)
    return None if target is None else await context.loaders.artifact_by_target.load(target)


def to_target(
    artifact_type: ArtifactType, by: ArtifactBy, argument: str = "url"
) -> Target | None:
    """Return the target of a lookup; None if no artifact can match.

    Raises:
        RequestError: The URL is not valid; the message calls it `argument`.
    """
    if isinstance(by.id, str):
        return Target(artifact_type, LookupField.ID, by.id) if is_id(by.id) else None
    if isinstance(by.url, str):
        return Target(artifact_type, LookupField.URL, validate_url(by.url, argument))
    name = normalise(by.name or "")
    return Target(artifact_type, LookupField.NAME, name) if name else None


def validate_url(url: str, argument: str = "url") -> str:
    """Return the URL if it is one that an artifact can have.

    Raises:
        RequestError: The URL is not valid; the message calls it `argument`.
    """
    try:
        return parse_url(url)
    except InvalidInputError:
        raise bad_input(_INVALID_URL.format(argument)) from None
