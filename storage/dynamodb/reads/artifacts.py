"""Reads artifacts by their ids, and tells what uniqueness items say about owners."""

from collections.abc import Iterable, Mapping

from storage.artifacts.ids import is_id
from storage.artifacts.projection import AnyArtifact, Projection
from storage.artifacts.records import ResolvedTarget, Target
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.items.codec import decode_projected
from storage.dynamodb.items.uniqueness import decode_owner
from storage.dynamodb.schema.attributes import Item, attributes_to_read
from storage.dynamodb.schema.keys import uniqueness_key
from storage.errors import UndecodableError


def get(
    client: DynamoClient, ids: Iterable[str], projection: Projection[AnyArtifact]
) -> dict[str, AnyArtifact | UndecodableError]:
    """Return the artifacts with these ids; ids that no artifact has are left out.

    In place of an item that cannot be decoded there is an error.
    """
    artifact_ids = (id_ for id_ in ids if is_id(id_))
    items = client.get_items(artifact_ids, attributes_to_read(projection))
    return {id_: decode_or_error(item, projection) for id_, item in items.items()}


def get_readable(
    client: DynamoClient, ids: Iterable[str], projection: Projection[AnyArtifact]
) -> dict[str, AnyArtifact]:
    """Return the artifacts with these ids that can be decoded."""
    found = get(client, ids, projection)
    return {id_: a for id_, a in found.items() if not isinstance(a, UndecodableError)}


def decode_or_error(
    item: Item, projection: Projection[AnyArtifact]
) -> AnyArtifact | UndecodableError:
    """Return the artifact of an item, or the error that it cannot be decoded."""
    try:
        return decode_projected(item, projection)
    except UndecodableError as error:
        return error


def owners(
    items: Mapping[str, Item], targets: Iterable[Target]
) -> dict[Target, ResolvedTarget]:
    """Return the owners of urls and names, by the uniqueness items that were read."""
    read = ((target, decode_owner(items.get(uniqueness_key(target)))) for target in targets)
    return {target: owner for target, owner in read if owner and is_id(owner.id)}
