"""Deletes what is left without an artifact: side items, changes and old segments of the log.

An item that belongs to an artifact is left to it: that artifact was registered meanwhile. Each
deletion is conditional on that the artifact is still missing, so that no writer is torn.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from storage.artifacts.ids import is_id
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.client.retry import backoff
from storage.dynamodb.feed.shards import decode_segment
from storage.dynamodb.items.references import encode_resolved
from storage.dynamodb.items.uniqueness import decode_owner
from storage.dynamodb.items.values import DECODING_ERRORS
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.schema.keys import (
    CHANGE_PREFIX,
    DELETED_PREFIX,
    LOG_PREFIX,
    NAME_PREFIXES,
    REFERENCE_PREFIX,
    SCHEMA_KEY,
    UNIQUENESS_PREFIXES,
    parse_segment_key,
)
from storage.dynamodb.writes.artifact_reset import delete_artifacts
from storage.dynamodb.writes.item_updates import Action, only_if, only_if_equal
from storage.dynamodb.writes.units import Unit, item_size, write_all

_MAX_DELETIONS = 90
"""Items of one missing artifact that are deleted in one transaction."""


@dataclass(slots=True)
class Leftovers:
    """The items that a scan for leftovers found and has not deleted."""

    log_epoch: int
    """Segments of the log of earlier epochs are old."""
    ownerless_names: dict[str, Item] = field(default_factory=dict)
    """The items of names whose owner is missing; somebody else may have the name."""
    has_old_segments: bool = False

    def delete(self, client: DynamoClient, items: Sequence[Item]) -> Iterator[int]:
        """Delete those of some items that are left over.

        Yields how many artifacts were deleted with them: those whose writers still wrote to
        old segments of the log.
        """
        items = [item for item in items if item[KEY]["S"] != SCHEMA_KEY]
        segments = [item for item in items if self._is_old_segment(item)]
        others = [item for item in items if not item[KEY]["S"].startswith(LOG_PREFIX)]
        owners = _read_owners(client, others)
        self._note_names(others, owners)
        deletions = [*_deletions(others, owners), *self._pointer_deletions(items)]
        done = write_all(client, deletions)
        if done.error:
            raise done.error
        yield from self._delete_segments(client, segments)

    def delete_names(self, client: DynamoClient, names: set[str]) -> None:
        """Delete the ownerless names that no artifact has of those that were read since."""
        unused = [item for key, item in self.ownerless_names.items() if key not in names]
        done = write_all(client, (_deletion(item, "owner", "last_since") for item in unused))
        if done.error:
            raise done.error

    def _is_old_segment(self, item: Item) -> bool:
        place = parse_segment_key(item[KEY]["S"])
        return place is not None and place[0] < self.log_epoch

    def _pointer_deletions(self, items: Sequence[Item]) -> Iterator[Unit]:
        """Delete what is neither a segment nor one of this epoch's pointers."""
        current = f"{LOG_PREFIX}{self.log_epoch}#"
        for item in items:
            key = item[KEY]["S"]
            is_other = key.startswith(LOG_PREFIX) and parse_segment_key(key) is None
            if is_other and not key.startswith(current):
                yield _deletion(item)

    def _note_names(self, items: Sequence[Item], owners: Mapping[str, Item]) -> None:
        for item in items:
            key = item[KEY]["S"]
            if key.startswith(NAME_PREFIXES) and not _has_name(item, owners):
                kept = {name: item[name] for name in ("owner", "last_since") if name in item}
                self.ownerless_names[key] = {KEY: item[KEY], **kept}

    def _delete_segments(self, client: DynamoClient, segments: Sequence[Item]) -> Iterator[int]:
        self.has_old_segments = self.has_old_segments or bool(segments)
        ids = {id_ for segment in segments for id_ in _named_ids(segment)}
        living = client.get_items(ids, (KEY,))
        idle = [s for s in segments if not any(id_ in living for id_ in _named_ids(s))]
        done = write_all(client, (_segment_deletion(segment) for segment in idle))
        if done.error:
            raise done.error
        for segment in segments:
            if segment[KEY]["S"] not in done.ids:
                yield from _delete_segment(client, segment[KEY]["S"])


def _delete_segment(client: DynamoClient, key: str) -> Iterator[int]:
    """Delete a segment, and before it the artifacts that it names, until nobody appends."""
    for _ in backoff():
        segment = client.get_items([key]).get(key)
        if segment is None:
            return
        yield from delete_artifacts(
            client, list(client.get_items(_named_ids(segment)).values())
        )
        if write_all(client, [_segment_deletion(segment)]).ids:
            return


def _named_ids(segment: Item) -> list[str]:
    ids = [entry.artifact_id for entry in decode_segment(segment) if entry]
    return [id_ for id_ in ids if is_id(id_)]


def _segment_deletion(segment: Item) -> Unit:
    return _deletion(segment, "entries")


def _read_owners(client: DynamoClient, items: Sequence[Item]) -> dict[str, Item]:
    """Return what is needed of the artifacts that side items belong to."""
    ids = {id_ for item in items if (id_ := _owner_id(item))}
    return client.get_items(ids, (KEY, "version", "named_key", "bears"))


def _owner_id(item: Item) -> str | None:
    """Return the id of the artifact that a side item belongs to; None if there is none."""
    key = item[KEY]["S"]
    id_ = None
    if key.startswith((CHANGE_PREFIX, REFERENCE_PREFIX)):
        id_ = key.split("#")[1]
    elif key.startswith(UNIQUENESS_PREFIXES):
        owner = decode_owner(item)
        id_ = owner.id if owner else None
    return id_ if id_ and is_id(id_) else None


def _has_name(item: Item, owners: Mapping[str, Item]) -> bool:
    owner = decode_owner(item)
    artifact = owners.get(owner.id) if owner else None
    if owner is None or artifact is None:
        return False
    place = {"S": encode_resolved(owner)}
    return artifact.get("named_key") == place and artifact.get("bears") == item[KEY]


def _deletions(items: Sequence[Item], owners: Mapping[str, Item]) -> Iterator[Unit]:
    by_owner: dict[str, list[Item]] = {}
    for item in items:
        key, id_ = item[KEY]["S"], _owner_id(item)
        if key.startswith(NAME_PREFIXES):
            continue
        if id_ is None:
            conditions = ("version", "at") if key.startswith(DELETED_PREFIX) else ()
            yield _deletion(item, *conditions)
        elif id_ not in owners or _is_later_change(item, owners[id_]):
            by_owner.setdefault(id_, []).append(item)
    for id_, mine in by_owner.items():
        for at in range(0, len(mine), _MAX_DELETIONS):
            yield _without_owner(id_, mine[at : at + _MAX_DELETIONS], is_there=id_ in owners)


def _is_later_change(item: Item, owner: Item) -> bool:
    """Return whether a change is of a version that its artifact does not have yet."""
    try:
        is_later = int(item["version"]["N"]) > int(owner["version"]["N"])
    except DECODING_ERRORS:
        return False
    return item[KEY]["S"].startswith(CHANGE_PREFIX) and is_later


def _without_owner(id_: str, items: Sequence[Item], *, is_there: bool) -> Unit:
    """Delete items if their artifact is missing, or still has an earlier version."""
    condition = only_if(f"attribute_not_exists({KEY})")
    if is_there:
        lowest = min((item["version"] for item in items), key=lambda value: int(value["N"]))
        expression = f"{condition['ConditionExpression']} OR version < :v"
        condition = only_if(expression, {":v": lowest})
    actions: list[Action] = [{"ConditionCheck": {"Key": {KEY: {"S": id_}}, **condition}}]
    for item in items:
        actions += _deletion(item, *(("owner",) if "owner" in item else ())).actions
    return Unit(id_, actions, sum(map(item_size, items)))


def _deletion(item: Item, *unchanged: str) -> Unit:
    """Delete an item if some of its attributes are as they were read."""
    condition = only_if_equal(item, *unchanged) if unchanged else {}
    delete = {"Delete": {"Key": {KEY: item[KEY]}, **condition}}
    return Unit(item[KEY]["S"], [delete], item_size(item))
