"""Find single artifacts by id, URL or name."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from graph.context import Context
from graph.engine.deferred import Deferred
from graph.errors import bad_input
from graph.loading.batch_loader import Loaded
from graph.schema.types.artifact import Artifact, Node, artifact_from_optional_record
from graph.schema.types.artifact_by import ArtifactBy
from storage.artifacts import records
from storage.artifacts.ids import is_id
from storage.artifacts.inputs import parse_url
from storage.artifacts.names import normalise
from storage.artifacts.records import ArtifactType, LookupField, Target
from storage.artifacts.writes import InvalidInputError
from storage.errors import UndecodableError

_T = TypeVar("_T")

_INVALID_URL = (
    "`{}` must be an absolute URL with a scheme and a host, without whitespace, of at most "
    "2,000 bytes."
)


def find_by_id(context: Context, id_: str) -> Deferred[Artifact | None] | None:
    """Return the artifact with this id, deferred; None if there can be none.

    The result is None if there is none, or raises UndecodableError if it cannot be read.
    """
    if not is_id(id_):
        return None
    return context.loaders.artifact_by_id.load(id_).map(artifact_from_optional_record)


def find_by_ids(context: Context, ids: Sequence[str]) -> Deferred[list[Node | None]]:
    """Return the artifacts with these ids, in the order of the ids; None for an unknown id.

    One that cannot be read is an error in its place, which GraphQL reports at its path.
    """
    valid_ids = [id_ for id_ in ids if is_id(id_)]

    def complete(loaded: Sequence[Loaded[records.PartialArtifact | None]]) -> list[Any]:
        artifacts = dict(zip(valid_ids, map(_to_object, loaded), strict=True))
        return [artifacts.get(id_) for id_ in ids]

    return context.loaders.artifact_by_id.load_many(valid_ids).map(complete)


def _to_object(
    loaded: Loaded[records.PartialArtifact | None],
) -> Artifact | UndecodableError | None:
    if isinstance(loaded, UndecodableError):
        return loaded
    return artifact_from_optional_record(loaded)


def find_artifact(
    context: Context,
    artifact_type: ArtifactType,
    by: ArtifactBy,
    convert: Callable[[records.PartialArtifact], _T],
) -> Deferred[_T | None] | None:
    """Return the object of the artifact of a type that has the given id, URL or name, deferred.

    None if there can be none.

    Raises:
        RequestError: The URL is not valid.
    """
    target = to_target(artifact_type, by)
    if target is None:
        return None
    return context.loaders.artifact_by_target.load(target).map(
        lambda found: None if found is None else convert(found)
    )


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
