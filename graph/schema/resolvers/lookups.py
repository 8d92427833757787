"""Lookups: what ids, urls and names find."""

from collections.abc import Sequence

from graph.context import Context
from graph.errors import bad_input
from graph.schema.types.artifact import Artifact, artifact_of
from graph.schema.types.filters import ArtifactBy
from storage.artifacts import records
from storage.artifacts.ids import is_id
from storage.artifacts.inputs import parse_url
from storage.artifacts.names import normalise
from storage.artifacts.records import ArtifactType, InvalidInputError, LookupField, Target


async def by_ids(context: Context, ids: Sequence[str]) -> list[Artifact | None]:
    """The artifacts with some ids, in the ids' order; None where there is none."""
    known = [id_ for id_ in ids if is_id(id_)]
    read = await context.loaders.artifact_by_id.load_many(known)
    known_by_id = {record.id: artifact_of(record) for record in read if record is not None}
    return [known_by_id.get(id_) for id_ in ids]


async def found(
    context: Context, of: ArtifactType, by: ArtifactBy
) -> records.PartialArtifact | None:
    """The artifact of a type that a lookup finds."""
    target = _target(of, by)
    return None if target is None else await context.loaders.artifact_by_target.load(target)


def _target(of: ArtifactType, by: ArtifactBy) -> Target | None:
    """What a lookup looks for; None where nothing can match."""
    if isinstance(by.id, str):
        return Target(of, LookupField.ID, by.id) if is_id(by.id) else None
    if isinstance(by.url, str):
        return Target(of, LookupField.URL, wanted_url(by.url))
    name = normalise(by.name or "")
    return Target(of, LookupField.NAME, name) if name else None


def wanted_url(url: str) -> str:
    """The url that is looked for, if an artifact could have it.

    Raises:
        RequestError: where none could.
    """
    try:
        return parse_url(url)
    except InvalidInputError as error:
        raise bad_input(f"{error}.") from None
