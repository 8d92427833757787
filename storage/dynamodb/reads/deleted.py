"""Reads the deleted artifacts that can be restored, for commands."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from storage.change_queries import DeletedArtifact
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.items.changes import decode_deleted
from storage.dynamodb.reads.history import is_expired
from storage.dynamodb.schema.attributes import KEY
from storage.dynamodb.schema.keys import DELETED_PREFIX, deleted_key
from storage.errors import UndecodableError


def scan_deleted(
    client: DynamoClient, not_before: datetime | None
) -> Iterator[DeletedArtifact]:
    """Yield the deleted artifacts that are kept and can be decoded."""
    items = client.scan(
        ConsistentRead=True,
        FilterExpression="begins_with(#k, :prefix)",
        ExpressionAttributeNames={"#k": KEY},
        ExpressionAttributeValues={":prefix": {"S": DELETED_PREFIX}},
    )
    for item in items:
        if not is_expired(item, not_before):
            with suppress(UndecodableError):
                yield decode_deleted(item)


def get_deleted(
    client: DynamoClient, ids: Sequence[str], not_before: datetime | None
) -> dict[str, DeletedArtifact]:
    """Return those of the deleted artifacts with these ids that are kept and can be decoded."""
    found: dict[str, DeletedArtifact] = {}
    for item in client.get_items(map(deleted_key, ids)).values():
        if not is_expired(item, not_before):
            with suppress(UndecodableError):
                deleted = decode_deleted(item)
                found[deleted.artifact.id] = deleted
    return found
