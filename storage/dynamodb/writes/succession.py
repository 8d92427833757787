"""Finds the next owner of a name that its owner leaves: the one who has had it longest."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from storage.artifacts.projection import FULL_PROJECTION
from storage.artifacts.records import Artifact
from storage.artifacts.write_rules import now
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.items.codec import name_since
from storage.dynamodb.reads.artifacts import get
from storage.dynamodb.schema.attributes import BY_BEARING, KEY, Item
from storage.dynamodb.writes.transitions import Transition, name_item_key, needs_successor

_CANDIDATES = 25
"""Read from the index; some that it shows may be deleted, renamed, or be the owner."""
_INDEX_LAG = timedelta(seconds=5)
"""Artifacts that took the name longer ago than this are in the index."""


def find_successors(
    client: DynamoClient, transitions: Iterable[Transition], items: Mapping[str, Item]
) -> dict[str, Artifact]:
    """Return the next owner of each name whose owner leaves it to others, by the name's key.

    A name for which the index does not show enough artifacts yet is left out: try again.
    """
    leaving: dict[str, Artifact] = {}
    for transition in transitions:
        if transition.before and needs_successor(transition, items):
            leaving[name_item_key(transition.before) or ""] = transition.before
    if not leaving:
        return {}
    pages = client.query([_query(key) for key in leaving], _CANDIDATES)
    ids = [[item[KEY]["S"] for item in page] for page in pages]
    artifacts = get(client, (id_ for page in ids for id_ in page), FULL_PROJECTION)
    successors = {}
    for (key, owner), page in zip(leaving.items(), ids, strict=True):
        present = (artifacts[id_] for id_ in page if id_ in artifacts and id_ != owner.id)
        others = [artifact for artifact in present if name_item_key(artifact) == key]
        if others and _are_enough(others, items[key]):
            successors[key] = min(others, key=name_since)
    return successors


def _are_enough(others: Sequence[Artifact], item: Item) -> bool:
    """Return whether nobody who has had the name longer can be missing from the index.

    It may lack artifacts that took the name lately, and imported ones take it with a time
    long past. So all must be there, or as many as are read: more than that do not take a name
    while an index lags. A count that is too high must not stop succession for ever.
    """
    if len(others) >= min(int(item["bearers"]["N"]), _CANDIDATES) - 1:
        return True
    if "joined" not in item:
        return True
    return datetime.fromisoformat(item["joined"]["S"]) < now() - _INDEX_LAG


def _query(key: str) -> dict[str, object]:
    return {
        "IndexName": BY_BEARING,
        "KeyConditionExpression": "bears = :b",
        "ExpressionAttributeValues": {":b": {"S": key}},
    }
