"""Deletes artifacts for good: each with its url, name, references and history."""

from collections.abc import Iterator, Mapping, Sequence

from storage.artifacts.ids import is_id
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.client.retry import backoff
from storage.dynamodb.items.codec import decode
from storage.dynamodb.items.uniqueness import decode_last_since, decode_owner, encode_since
from storage.dynamodb.items.values import DECODING_ERRORS, decode_version
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.schema.keys import change_key, reference_id
from storage.dynamodb.writes.item_updates import Action, only_if_equal
from storage.dynamodb.writes.plan import SideKeys
from storage.dynamodb.writes.units import Unit, item_size, write_all
from storage.errors import UndecodableError

_LAST_CHANGES = 5
"""So many changes are deleted together with their artifact; older ones before it.

Changes may be large, and a history ends at the first version that is missing.
"""
_OLD_CHANGES = 9
"""The most changes that one transaction deletes otherwise: they fit, whatever their size."""
_READ_CHANGES = 45
"""Changes of an artifact that are looked for at once."""
_LARGE = 2_500_000
"""The size of what has to be alone in a transaction."""
_READ = "version", "updated_at", "artifact", "url", "named_key"
"""Attributes that tell whether an item is still the one that was read."""


def delete_artifacts(client: DynamoClient, items: Sequence[Item]) -> Iterator[int]:
    """Delete artifacts and yield how many were; those in conflict are read and tried again."""
    tries = backoff()
    while items:
        next(tries)
        uniqueness_items = client.get_items(_uniqueness_keys(items))
        _delete_old_changes(client, items)
        done = write_all(client, (_deletion(item, uniqueness_items) for item in items))
        yield sum(map(is_id, done.ids))
        if done.error:
            raise done.error
        ids = [item[KEY]["S"] for item in items]
        items = list(client.get_items(id_ for id_ in ids if id_ not in done.ids).values())
        if done.ids:
            # Time runs out only if a whole batch gets nowhere.
            tries = backoff()


def _uniqueness_keys(items: Sequence[Item]) -> Iterator[str]:
    for item in items:
        side = _side_keys(item)
        yield from (key for key in (side.url, side.name) if key)


def _side_keys(item: Item) -> SideKeys:
    try:
        return SideKeys.from_artifact(decode(item))
    except UndecodableError:
        return SideKeys.from_item(item)


def _delete_old_changes(client: DynamoClient, items: Sequence[Item]) -> None:
    """Delete histories but for their last changes, from the newest on."""
    left = {item[KEY]["S"]: _version(item) - _LAST_CHANGES for item in items}
    while left := {id_: version for id_, version in left.items() if version > 0}:
        keys = {id_: _keys_down_from(id_, version) for id_, version in left.items()}
        found = client.get_items((key for each in keys.values() for key in each), (KEY,))
        present = {id_: [key for key in each if key in found] for id_, each in keys.items()}
        done = write_all(
            client,
            (Unit(key[0], [_delete(k) for k in key], _LARGE) for key in _chunks(present)),
        )
        if done.error:
            raise done.error
        left = {id_: left[id_] - len(keys[id_]) for id_ in left if present[id_]}


def _keys_down_from(id_: str, version: int) -> list[str]:
    return [change_key(id_, v) for v in range(version, max(version - _READ_CHANGES, 0), -1)]


def _chunks(present: Mapping[str, Sequence[str]]) -> Iterator[Sequence[str]]:
    for keys in present.values():
        for at in range(0, len(keys), _OLD_CHANGES):
            yield keys[at : at + _OLD_CHANGES]


def _deletion(item: Item, uniqueness_items: Mapping[str, Item]) -> Unit:
    id_, side, version = item[KEY]["S"], _side_keys(item), _version(item)
    changes = range(max(version - _LAST_CHANGES, 0) + 1, version + 1)
    actions = [
        {"Delete": {"Key": {KEY: item[KEY]}, **only_if_equal(item, *_READ)}},
        *_url_actions(id_, uniqueness_items.get(side.url or "")),
        *_name_actions(side.place, uniqueness_items.get(side.name or "")),
        *(_delete(reference_id(id_, target)) for target in side.targets),
        *(_delete(change_key(id_, each)) for each in changes),
    ]
    return Unit(id_, actions, item_size(item) * (1 + 2 * len(changes)))


def _version(item: Item) -> int:
    """Return the version of an artifact; 0 if it cannot be told."""
    try:
        return decode_version(item) if is_id(item[KEY]["S"]) else 0
    except DECODING_ERRORS:
        return 0


def _url_actions(id_: str, item: Item | None) -> Iterator[Action]:
    owner = decode_owner(item)
    if item and owner and owner.id == id_:
        yield {"Delete": {"Key": {KEY: item[KEY]}, **only_if_equal(item, "owner")}}


def _name_actions(place: str, item: Item | None) -> Iterator[Action]:
    """Delete the name with its only bearer; if there may be others, the name gets vacant."""
    if not item or item.get("owner") != {"S": place}:
        return
    parameters = {"Key": {KEY: item[KEY]}, **only_if_equal(item, "owner", "last_since")}
    last = decode_last_since(item)
    if last and place.startswith(encode_since(last)):
        yield {"Delete": parameters}
        return
    yield {"Update": {**parameters, "UpdateExpression": "REMOVE #0"}}


def _delete(key: str) -> Action:
    return {"Delete": {"Key": {KEY: {"S": key}}}}
