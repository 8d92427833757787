"""Deletes all artifacts, in batches, with the same transactions as every other write."""

import time
from collections.abc import Iterable, Iterator
from functools import partial

from storage.artifacts.projection import FULL_PROJECTION
from storage.artifacts.records import ArtifactType
from storage.deadline import no_deadline
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.client.retry import backoff
from storage.dynamodb.reads.key_ranges import read_key_ranges
from storage.dynamodb.writes.transitions import name_item_key
from storage.dynamodb.writes.update import delete_once
from storage.errors import StoreUnavailableError
from storage.search.listing import Filter, Listing, Order
from storage.search.paging import read_page

_BATCH = 100
_WALKS = 5
"""The second walk finds what the index did not show yet; others, what is registered since."""
_LAG_SECONDS = 0.2
"""An index nearly always follows its table within this time."""
_EVERYTHING = Listing(Filter(types=tuple(ArtifactType)), Order(descending=True))


def reset(client: DynamoClient) -> Iterator[int]:
    """Delete every artifact, and yield the number deleted by each batch.

    The caller's deadline does not apply: every batch has its own.
    """
    batches = _batches(client)
    while True:
        with no_deadline():
            count = next(batches, None)
        if count is None:
            return
        yield count


def _batches(client: DynamoClient) -> Iterator[int]:
    """Walk through all artifacts until a walk finds none."""
    for walk in range(_WALKS):
        found = 0
        for count in _walk(client):
            found += count
            yield count
        if walk and not found:
            return
        time.sleep(_LAG_SECONDS)


def _walk(client: DynamoClient) -> Iterator[int]:
    """Delete namesakes from the newest on, so that few owners need a successor."""
    after = None
    while True:
        fetch = partial(read_key_ranges, client, projection=FULL_PROJECTION)
        page = read_page(fetch, _EVERYTHING, _BATCH, after)
        ids = {entry.artifact.id: name_item_key(entry.artifact) for entry in page.entries}
        last = set({key: id_ for id_, key in ids.items()}.values())
        yield from _delete(client, [id_ for id_ in ids if id_ not in last])
        yield from _delete(client, [id_ for id_ in ids if id_ in last])
        if not page.has_next:
            return
        after = page.end


def _delete(client: DynamoClient, ids: Iterable[str]) -> Iterator[int]:
    """Delete the artifacts that still exist; those in conflict are tried again."""
    left, tries = list(ids), backoff()
    while left:
        next(tries)
        items = client.get_items(left)
        gone: set[str] = set()
        try:
            gone.update(delete_once(client, list(items.values())))
        except StoreUnavailableError:
            yield len(gone)
            raise
        yield len(gone)
        left = [id_ for id_ in items if id_ not in gone]
        if gone:
            # Time runs out only if a whole batch gets nowhere.
            tries = backoff()
