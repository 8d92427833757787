"""Turns scanned items into rows: what side items say, and what the artifacts need of them."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import orjson

from storage.artifacts.change_digests import digest_artifact, digest_change
from storage.artifacts.ids import is_id
from storage.artifacts.rating import is_rating
from storage.artifacts.records import Artifact
from storage.artifacts.reference_stamps import reference_targets
from storage.dynamodb.feed.segments import decode_entry
from storage.dynamodb.items.changes import decode_change, decode_deleted
from storage.dynamodb.items.codec import decode, name_since
from storage.dynamodb.items.references import decode_resolved
from storage.dynamodb.items.uniqueness import decode_last_since, encode_since
from storage.dynamodb.items.values import DECODING_ERRORS, decode_version
from storage.dynamodb.maintenance.scan_db import Row
from storage.dynamodb.schema.attributes import KEY, OBSOLETE_ATTRIBUTES, Item
from storage.dynamodb.schema.keys import (
    CHANGE_PREFIX,
    DELETED_PREFIX,
    LOG_PREFIX,
    REFERENCE_PREFIX,
    UNIQUENESS_PREFIXES,
    name_item_key,
    name_item_key_of,
    parse_segment_key,
    reference_id,
    reference_key,
    url_key,
)
from storage.dynamodb.writes.item_updates import (
    Condition,
    only_if_unchanged,
    to_updated_item,
)
from storage.errors import UndecodableError
from storage.inconsistencies import CONTENT_VERSION_AHEAD, UNREADABLE_RATING

OLDER_ATTRIBUTES = "bearers", "joined"
"""Attributes of names in older formats."""
_DIGITS = re.compile("[0-9]{1,10}")
_LEGACY = "was written by the earlier backend; run `python -m storage migrate`"


@dataclass(frozen=True, slots=True)
class ItemReader:
    """Reads the items of artifacts; a migration reads those of two backends."""

    decode: Callable[[Item], Artifact] = decode
    is_backfilled: Callable[[Item], bool] = lambda _: True
    """Returns whether the artifact has its side items."""
    only_if_unchanged: Callable[[Item], Condition] = only_if_unchanged


CURRENT = ItemReader()


def side_item_rows(now: float, item: Item) -> Iterator[Row]:
    """Yield the rows of an item that is neither an artifact's nor of the log."""
    key = item[KEY]["S"]
    if key.startswith(CHANGE_PREFIX):
        yield from _change_rows(now, item)
    elif key.startswith(DELETED_PREFIX):
        yield from _deleted_rows(now, item)
    elif key.startswith((*UNIQUENESS_PREFIXES, REFERENCE_PREFIX)):
        is_older = any(name in item for name in OLDER_ATTRIBUTES)
        owner, *reference = (_text(item, name) for name in ("owner", "reference", "model_id"))
        yield "item", (key, owner, _last_since(item), is_older, *reference, orjson.dumps(item))


def artifact_rows(reader: ItemReader, item: Item) -> Iterator[Row]:
    """Yield the rows of an artifact's item, or of a segment of the log."""
    id_ = item[KEY]["S"]
    if id_.startswith(LOG_PREFIX):
        yield from _log_rows(item)
        return
    if not is_id(id_):
        yield "undecided", (id_, "has an id that no artifact can have", False)
        return
    try:
        artifact = reader.decode(item)
    except UndecodableError:
        yield from _unreadable_rows(item)
        return
    yield from _needed_rows(item, artifact, is_backfilled=reader.is_backfilled(item))


def _unreadable_rows(item: Item) -> Iterator[Row]:
    id_ = item[KEY]["S"]
    is_legacy = "artifact" in item and "version" not in item
    yield "undecided", (id_, _LEGACY if is_legacy else "is not a readable artifact", False)
    yield "artifact", (id_, _version(item), None)
    # It stays among those of its name, so that whoever repairs it finds it so.
    key = name_item_key_of(_text(item, "bears") or "")
    place = _text(item, "named_key")
    with suppress(*DECODING_ERRORS):
        if key and place and decode_resolved(place).id == id_:
            yield "name", (key, id_, place, True)


def _needed_rows(item: Item, artifact: Artifact, *, is_backfilled: bool) -> Iterator[Row]:
    id_ = artifact.id
    if artifact.rating is not None and not is_rating(artifact.rating.text):
        yield "undecided", (id_, UNREADABLE_RATING, True)
    digests = orjson.dumps(digest_artifact(artifact)) if is_backfilled else None
    yield "artifact", (id_, artifact.version if is_backfilled else None, digests)
    if artifact.content_version > artifact.version:
        yield "undecided", (id_, CONTENT_VERSION_AHEAD, True)
    if not is_backfilled:
        yield "legacy", (id_,)
    elif wrong := _stale_attributes(item, artifact):
        yield "stale", (id_, f"has stale {', '.join(wrong)}")
    yield "url", (url_key(artifact), id_, artifact.created_at.isoformat(), is_backfilled)
    if key := name_item_key(artifact):
        yield "name", (key, id_, name_since(artifact), is_backfilled)
    for target in reference_targets(artifact):
        key = reference_id(id_, target)
        yield "reference", (key, id_, reference_key(target), is_backfilled)


def _stale_attributes(item: Item, artifact: Artifact) -> list[str]:
    """Return the attributes that are not as they should be; obsolete ones do no harm."""
    right = to_updated_item(item, artifact)
    names = (right.keys() | item.keys()).difference(OBSOLETE_ATTRIBUTES)
    return sorted(name for name in names if right.get(name) != item.get(name))


def _change_rows(now: float, item: Item) -> Iterator[Row]:
    key = item[KEY]["S"]
    id_, _, version = key.removeprefix(CHANGE_PREFIX).rpartition("#")
    is_readable, digests = False, None
    with suppress(UndecodableError):
        change = decode_change(item)
        is_readable = is_id(id_) and version == str(change.version)
        digests = orjson.dumps(digest_change(change)) if is_readable else None
    if not is_readable:
        yield "undecided", (key, "is not a readable change", False)
    if is_id(id_) and _DIGITS.fullmatch(version):
        kind = _text(item, "kind") if is_readable else None
        yield "change", (id_, int(version), kind, _is_expired(item, now), digests)


def _deleted_rows(now: float, item: Item) -> Iterator[Row]:
    key, version = item[KEY]["S"], _version(item)
    is_readable = version is not None
    if "content" in item:
        # It is missing if the artifact could not be read when it was deleted.
        try:
            decode_deleted(item)
        except UndecodableError:
            is_readable = False
    if not is_readable:
        yield "undecided", (key, "is not a readable deleted artifact", False)
    yield "deleted", (key.removeprefix(DELETED_PREFIX), version, _is_expired(item, now))


def _log_rows(item: Item) -> Iterator[Row]:
    key = item[KEY]["S"]
    if not parse_segment_key(key):
        return  # the pointer to a segment
    try:
        for entry in map(decode_entry, [each["S"] for each in item["entries"]["L"]]):
            yield "logged", (entry.artifact_id, entry.version)
    except (*DECODING_ERRORS, UndecodableError):
        yield "undecided", (key, "is not a readable segment of the log", False)


def _last_since(item: Item) -> str | None:
    """Return the latest time at which a name was taken, if it is there and in its own form."""
    text = _text(item, "last_since")
    last = decode_last_since({"last_since": item["last_since"]}) if text else None
    return text if last and encode_since(last) == text else None


def _is_expired(item: Item, now: float) -> bool:
    try:
        return int(item["expires_at"]["N"]) <= now
    except DECODING_ERRORS:
        return False


def _version(item: Item) -> int | None:
    try:
        return decode_version(item)
    except DECODING_ERRORS:
        return None


def _text(item: Item, name: str) -> str | None:
    value = item.get(name, {}).get("S")
    return value if isinstance(value, str) else None
