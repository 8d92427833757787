"""Finds the artifacts that have a name whose owner is gone, and gives the name to the first.

The index proposes artifacts and may lag; each artifact's own item decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic

from storage.artifacts.ids import is_id
from storage.artifacts.projection import AnyArtifact, Projection
from storage.artifacts.records import ResolvedTarget
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.items.codec import name_since
from storage.dynamodb.items.references import encode_resolved
from storage.dynamodb.items.uniqueness import decode_owner, encode_since
from storage.dynamodb.reads.artifacts import get_readable
from storage.dynamodb.schema.attributes import BY_BEARING, KEY, Item
from storage.dynamodb.schema.keys import name_item_key

_CANDIDATES = 25
"""Read from the index; some that it shows may be deleted or renamed, or be about to leave."""
_STILL_HAS_NAME = "named_key = :n AND bears = :b"
_NO_LONGER_HAS_NAME = f"attribute_not_exists({KEY}) OR named_key <> :n OR bears <> :b"


@dataclass(frozen=True, slots=True)
class Bearers(Generic[AnyArtifact]):
    """Artifacts that have a name, those that have had it longest, in this order."""

    artifacts: tuple[AnyArtifact, ...]

    @property
    def first(self) -> AnyArtifact:
        """The one that has had the name longest of those that the index shows."""
        return self.artifacts[0]


def find_bearers(
    client: DynamoClient,
    name_keys: Iterable[str],
    projection: Projection[AnyArtifact],
    leaving: frozenset[str] = frozenset(),
) -> dict[str, Bearers[AnyArtifact]]:
    """Return who has each name, by the key of the name's item; names of nobody are left out.

    Artifacts with the ids `leaving` do not count.
    """
    keys = list(dict.fromkeys(name_keys))
    if not keys:
        return {}
    pages = client.query([_query(key) for key in keys], _CANDIDATES)
    ids = [[item[KEY]["S"] for item in page] for page in pages]
    found = get_readable(client, (id_ for page in ids for id_ in page), projection)
    bearers: dict[str, Bearers[AnyArtifact]] = {}
    for key, page in zip(keys, ids, strict=True):
        present = [found[id_] for id_ in page if id_ in found and id_ not in leaving]
        having = [artifact for artifact in present if name_item_key(artifact) == key]
        if having:
            bearers[key] = Bearers(tuple(sorted(having, key=name_since)))
    return bearers


def install_first(client: DynamoClient, item: Item, bearers: Bearers[AnyArtifact]) -> bool:
    """Make the first bearer the owner of a name that is vacant, or whose owner is gone.

    Returns False if the name's item, as it was read, or one of the artifacts has changed.
    """
    first, dead = bearers.first, decode_owner(item)
    last = encode_since(max(artifact.named_at for artifact in bearers.artifacts))
    values = {":n": {"S": name_since(first)}, ":l": {"S": last}}
    condition = f"attribute_exists({KEY}) AND attribute_not_exists(#o)"
    if "owner" in item:
        condition, values = "#o = :o", {**values, ":o": item["owner"]}
    set_owner = {
        "Key": {KEY: item[KEY]},
        "UpdateExpression": "SET #o = :n, last_since = if_not_exists(last_since, :l)",
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#o": "owner"},
        "ExpressionAttributeValues": values,
    }
    actions: list[Mapping[str, Any]] = [{"Update": set_owner}]
    actions.append(_check(_STILL_HAS_NAME, item, _to_resolved(first)))
    if dead and is_id(dead.id) and dead.id != first.id:
        actions.append(_check(_NO_LONGER_HAS_NAME, item, dead))
    return client.transact(actions)


def _to_resolved(artifact: AnyArtifact) -> ResolvedTarget:
    return ResolvedTarget(artifact.id, artifact.named_at)


def _check(condition: str, item: Item, owner: ResolvedTarget) -> dict[str, Any]:
    """Return the action that checks whether an artifact has the name of an item."""
    values = {":n": {"S": encode_resolved(owner)}, ":b": item[KEY]}
    return {
        "ConditionCheck": {
            "Key": {KEY: {"S": owner.id}},
            "ConditionExpression": condition,
            "ExpressionAttributeValues": values,
        }
    }


def _query(key: str) -> dict[str, object]:
    return {
        "IndexName": BY_BEARING,
        "KeyConditionExpression": "bears = :b",
        "ExpressionAttributeValues": {":b": {"S": key}},
    }
