"""Who follows an owner that leaves its name: the one that has borne it longest after it."""

from collections.abc import Iterable, Mapping

from storage.dynamodb.client import DynamoClient
from storage.dynamodb.codec import Item
from storage.dynamodb.plans import Step, bearing_key, leaves_to_heir
from storage.dynamodb.reads import get
from storage.dynamodb.table import BY_BEARING, KEY
from storage.records import Artifact

_CANDIDATES = 25
"""More than one, for the index may still show some that are gone or renamed."""


def heirs(
    client: DynamoClient, steps: Iterable[Step], items: Mapping[str, Item]
) -> dict[str, Artifact]:
    """The next owner of each name whose owner leaves it to others, by the name's item.

    A name whose heir the index does not show yet has none here, and is to be tried again.
    """
    leaving: dict[str, Artifact] = {}
    for step in steps:
        if step.registered and leaves_to_heir(step, items):
            leaving[bearing_key(step.registered) or ""] = step.registered
    if not leaving:
        return {}
    pages = client.query([_bearers(key) for key in leaving], _CANDIDATES)
    ids = [[item[KEY]["S"] for item in page] for page in pages]
    artifacts = get(client, (id_ for page in ids for id_ in page))
    found = {}
    for (key, owner), page in zip(leaving.items(), ids, strict=True):
        bearers = (artifacts[id_] for id_ in page if id_ in artifacts and id_ != owner.id)
        if heir := next((a for a in bearers if bearing_key(a) == key), None):
            found[key] = heir
    return found


def _bearers(key: str) -> dict[str, object]:
    return {
        "IndexName": BY_BEARING,
        "KeyConditionExpression": "bears = :b",
        "ExpressionAttributeValues": {":b": {"S": key}},
    }
