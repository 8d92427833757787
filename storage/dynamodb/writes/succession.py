"""Who follows an owner that leaves its name: the one that has borne it longest after it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from storage.artifacts.projection import FULL_PROJECTION
from storage.artifacts.records import Artifact
from storage.artifacts.write_rules import now
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.items.codec import Item, name_since
from storage.dynamodb.reads.artifacts import get
from storage.dynamodb.schema.table import BY_BEARING, KEY
from storage.dynamodb.writes.plans import Step, leaves_to_heir, name_item_key

_CANDIDATES = 25
"""What is read of the index; some that it shows may be gone, renamed or the owner."""
_LAG = timedelta(seconds=5)
"""Whoever joined longer ago is in the index."""


def successors(
    client: DynamoClient, steps: Iterable[Step], items: Mapping[str, Item]
) -> dict[str, Artifact]:
    """The next owner of each name whose owner leaves it to others, by the name's item.

    A name of whose bearers the index does not show enough yet has no heir here, and is to be
    tried again.
    """
    leaving: dict[str, Artifact] = {}
    for step in steps:
        if step.registered and leaves_to_heir(step, items):
            leaving[name_item_key(step.registered) or ""] = step.registered
    if not leaving:
        return {}
    pages = client.query([_bearers(key) for key in leaving], _CANDIDATES)
    ids = [[item[KEY]["S"] for item in page] for page in pages]
    artifacts = get(client, (id_ for page in ids for id_ in page), FULL_PROJECTION)
    found = {}
    for (key, owner), page in zip(leaving.items(), ids, strict=True):
        there = (artifacts[id_] for id_ in page if id_ in artifacts and id_ != owner.id)
        others = [artifact for artifact in there if name_item_key(artifact) == key]
        if others and _are_enough(others, items[key]):
            found[key] = min(others, key=name_since)
    return found


def _are_enough(others: Sequence[Artifact], item: Item) -> bool:
    """Whether nobody is missing from the index who has borne the name longer.

    It may lack any that joined lately, and imported ones join with a time long past. So all
    must be there, or as many as are read: more than that do not join while an index lags.
    That the earlier backend deletes bearers without counting must not stop it for ever.
    """
    if len(others) >= min(int(item["bearers"]["N"]), _CANDIDATES) - 1:
        return True
    return "joined" not in item or datetime.fromisoformat(item["joined"]["S"]) < now() - _LAG


def _bearers(key: str) -> dict[str, object]:
    return {
        "IndexName": BY_BEARING,
        "KeyConditionExpression": "bears = :b",
        "ExpressionAttributeValues": {":b": {"S": key}},
    }
