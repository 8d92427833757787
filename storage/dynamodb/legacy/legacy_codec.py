"""Reads artifacts from the items of the earlier backend, before and after they are migrated.

That backend keeps one dataset and one code of a model, and knows neither our references nor
our version. Where its attributes no longer agree with our references, it has written them
since the last migration: they win, for they were written last.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson

from storage.artifacts.records import Artifact, ArtifactType, Reference, ReferenceKind
from storage.dynamodb.items.codec import decode
from storage.dynamodb.items.legacy_attributes import (
    LINKS,
    first_of_kind,
    links_to,
    read_link,
)
from storage.dynamodb.items.references import decode_references, encode_references
from storage.dynamodb.items.values import DECODING_ERRORS, place_key, undecodable
from storage.dynamodb.schema.attributes import KEY, LEGACY, Item
from storage.dynamodb.writes.item_updates import Condition, only_if_equal

_UNKNOWN_TIME = datetime.fromtimestamp(0, UTC)
"""The earlier backend keeps no times."""
_KIND_ORDER = list(ReferenceKind)


def is_backfilled(item: Item) -> bool:
    """Return whether the item has been migrated, and not been overwritten since."""
    return "version" in item


def registered_references(item: Item) -> tuple[Reference, ...]:
    """Return the references that have reference items, which a migration made."""
    return decode_references(item) if is_backfilled(item) else ()


def only_if_unchanged(item: Item) -> Condition:
    """Return the condition that neither backend has written the item since it was read.

    The earlier backend knows no version: all that it writes must be as it was.
    """
    return only_if_equal(item, *LEGACY, "version")


def decode_legacy(item: Item) -> Artifact:
    """Return the artifact of an item that either backend wrote last.

    Raises:
        UndecodableError: if it is not the item of an artifact.
    """
    try:
        completed = _complete(item)
    except DECODING_ERRORS as error:
        raise undecodable(item) from error
    return decode(completed)


def decode_without_histories(item: Item) -> Artifact:
    """Return the artifact of an item of a format without histories.

    Such a format tells no ratings from other changes.

    Raises:
        UndecodableError: if it is not the item of an artifact.
    """
    artifact = decode_legacy(item)
    return replace(artifact, content_version=artifact.version)


def _complete(item: Item) -> Item:
    """Return the item with what the earlier backend does not write, or does not update."""
    completed: dict[str, Any] = {
        "version": {"N": "1"},
        "created_at": {"S": _UNKNOWN_TIME.isoformat()},
        "updated_at": {"S": _UNKNOWN_TIME.isoformat()},
        "named_key": {"S": place_key(_UNKNOWN_TIME, item[KEY]["S"])},
        "url": {"S": orjson.loads(item["artifact"]["S"])["data"]["url"]},
        **item,
    }
    completed.pop("references", None)
    if item["artifact_type"] == {"S": ArtifactType.MODEL.value} and (
        references := _current_references(item)
    ):
        completed["references"] = {"S": encode_references(references)}
    return completed


def _current_references(item: Item) -> tuple[Reference, ...]:
    """Return a model's references, with the links that were set or removed since."""
    references = registered_references(item)
    for kind, attributes in LINKS.items():
        first = first_of_kind(references, kind)
        if not links_to(item, attributes, first):
            others = [reference for reference in references if reference is not first]
            if link := read_link(item, attributes):
                new = Reference(kind, *link)
                others = [new, *(other for other in others if other.target != new.target)]
            references = tuple(sorted(others, key=lambda other: _KIND_ORDER.index(other.kind)))
    return references
