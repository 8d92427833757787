"""Finds the version of an artifact by its changes, where its own item does not tell it."""

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.schema.attributes import KEY
from storage.dynamodb.schema.keys import change_key

_FIRST = [2**power for power in range(31)]
_PARTS = 50


def find_newest_version(client: DynamoClient, artifact_id: str) -> int:
    """Return the highest version that has a change; 0 if none is found.

    A gap in the history hides the versions after it.
    """
    low, high, candidates = 0, 2**31, _FIRST
    while candidates:
        found = client.get_items([change_key(artifact_id, n) for n in candidates], (KEY,))
        low = max((n for n in candidates if change_key(artifact_id, n) in found), default=low)
        high = min((n for n in candidates if n > low), default=high)
        candidates = list(range(low + 1, high, max(1, (high - low) // _PARTS)))
    return low
