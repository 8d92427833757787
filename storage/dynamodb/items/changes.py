"""Encodes changes and deleted artifacts as items of the table, and decodes them."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from storage.artifacts.changes import (
    Change,
    ChangeKind,
    decode_field_changes,
    encode_field_changes,
)
from storage.artifacts.records import ArtifactType
from storage.change_queries import DeletedArtifact
from storage.dynamodb.items.codec import decode
from storage.dynamodb.items.values import (
    DECODING_ERRORS,
    decode_actor,
    decode_time,
    decode_version,
    encode_actor,
    undecodable,
)
from storage.dynamodb.schema.attributes import CHANGE, DELETED, KEY, Item, to_item
from storage.dynamodb.schema.keys import CHANGE_PREFIX, change_key, deleted_key
from storage.errors import UndecodableError

_MAX_CONTENT_BYTES = 390_000
_MAX_DEPTH = 32
"""DynamoDB's limit of values within values."""


def encode_change(change: Change, retention: timedelta | None) -> Item:
    """Return the item of a change."""
    return to_item(
        {
            KEY: change_key(change.artifact_id, change.version),
            "artifact_type": change.type.value,
            "name": change.name,
            "version": str(change.version),
            "kind": change.kind.value,
            "at": change.at.isoformat(),
            "by": encode_actor(change.by),
            "request_id": change.request_id,
            "fields": encode_field_changes(change),
            "expires_at": encode_expiry(change.at, retention),
        },
        CHANGE,
    )


def decode_change(item: Item) -> Change:
    """Return the change of an item.

    Raises:
        UndecodableError: if it is not the item of a change.
    """
    try:
        key = item[KEY]["S"].removeprefix(CHANGE_PREFIX)
        return Change(
            artifact_id=key.rpartition("#")[0],
            type=ArtifactType(item["artifact_type"]["S"]),
            name=item["name"]["S"],
            version=decode_version(item),
            kind=ChangeKind(item["kind"]["S"]),
            at=decode_time(item["at"]["S"]),
            by=decode_actor(item, "by"),
            request_id=item["request_id"]["S"] if "request_id" in item else None,
            fields=decode_field_changes(item["fields"]["S"]),
        )
    except DECODING_ERRORS as error:
        raise undecodable(item, "a change") from error


def encode_deleted(
    id: str,  # noqa: A002 - the registry's own word
    *,
    version: int,
    at: datetime,
    content: Item | None,
    retention: timedelta | None,
) -> Item:
    """Return the item of a deleted artifact; `content` is its item, if it could be decoded."""
    return to_item(
        {
            KEY: deleted_key(id),
            "version": str(version),
            "at": at.isoformat(),
            "content": content,
            "expires_at": encode_expiry(at, retention),
        },
        DELETED,
    )


def is_storable(item: Item) -> bool:
    """Return whether an artifact's item fits into the item of its deletion."""
    return len(orjson.dumps(item)) <= _MAX_CONTENT_BYTES and _depth({"M": item}) <= _MAX_DEPTH


def _depth(value: Mapping[str, Any]) -> int:
    members = value.get("L") or value.get("M", {}).values()
    return 1 + max(map(_depth, members), default=0)


def decode_deleted(item: Item) -> DeletedArtifact:
    """Return the deleted artifact of an item.

    Raises:
        UndecodableError: if it is not the item of one that can be restored.
    """
    try:
        version, at = decode_version(item), decode_time(item["at"]["S"])
        artifact = replace(decode(item["content"]["M"]), version=version)
    except (*DECODING_ERRORS, UndecodableError) as error:
        raise undecodable(item, "a deleted artifact") from error
    return DeletedArtifact(artifact, at)


def decode_deleted_version(item: Item | None) -> int:
    """Return the version at which an artifact was deleted; 0 if that is not known."""
    try:
        return decode_version(item) if item else 0
    except DECODING_ERRORS:
        return 0


def encode_expiry(at: datetime, retention: timedelta | None) -> str | None:
    """Return the Unix second from which something of a time is no longer kept; None: never."""
    return None if retention is None else str(math.ceil((at + retention).timestamp()))
