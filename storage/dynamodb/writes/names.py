"""The change of one name's item by a transaction: who joins, who leaves, and who owns it then.

The owner is the artifact that has had the name longest. A name without an owner is vacant: the
next lookup or registration gives it to the first bearer that the index shows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from storage.artifacts.ids import is_id
from storage.dynamodb.items.codec import name_since
from storage.dynamodb.items.uniqueness import decode_last_since, decode_owner, encode_since
from storage.dynamodb.schema.attributes import KEY, UNIQUENESS, Item, to_item
from storage.dynamodb.writes.item_updates import Action, only_if_equal
from storage.dynamodb.writes.plan import Plan
from storage.dynamodb.writes.table_view import TableView


@dataclass(slots=True)
class NameChange:
    """A transaction's change of a name: the places of those that join, stay and leave."""

    key: str
    joining: list[str] = field(default_factory=list)
    staying: list[str] = field(default_factory=list)
    leaving: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NameResult:
    """The action for a name's item, the item then, and which artifacts must be as read."""

    action: Action | None
    item: Item | None
    owner: str | None
    """The place of the owner then."""
    checked: tuple[str, ...] = ()


def name_changes(plans: Iterable[Plan]) -> list[NameChange]:
    """Return what plans do to each name."""
    changes: dict[str, NameChange] = {}
    for plan in plans:
        old, new = plan.old, plan.new
        if old and old.name and not (new and new.name == old.name):
            changes.setdefault(old.name, NameChange(old.name)).leaving.append(old.place)
        if new and new.name:
            change = changes.setdefault(new.name, NameChange(new.name))
            is_staying = old is not None and old.name == new.name
            (change.staying if is_staying else change.joining).append(new.place)
    return list(changes.values())


def needs_bearers(change: NameChange, view: TableView) -> bool:
    """Return whether the owner then depends on who else has the name."""
    item, owner = view[change.key], view.owner_place(change.key)
    if owner is None or not _is_plain(item):
        return True
    return owner in change.leaving and not _is_alone(item, owner)


def change_name(change: NameChange, view: TableView) -> NameResult:
    """Return what becomes of a name's item."""
    item = view[change.key]
    owner, last = _next_owner(change, view), _next_last_since(change, view)
    if owner is None and _is_nobody_left(change, view):
        delete = {"Key": {KEY: {"S": change.key}}, **only_if_equal(item or {}, *_ATTRIBUTES)}
        return NameResult({"Delete": delete}, None, None)
    right = to_item({KEY: change.key, "owner": owner, "last_since": last}, UNIQUENESS)
    if _is_equal(item, right):
        check = {"Key": {KEY: {"S": change.key}}, **only_if_equal(item or {}, "owner")}
        is_checked = bool(change.leaving)
        return NameResult({"ConditionCheck": check} if is_checked else None, item, owner)
    checked = tuple(_to_check(change, view, owner))
    return NameResult(_update(change, item, right), right, owner, checked)


_ATTRIBUTES = "owner", "last_since"


def _next_owner(change: NameChange, view: TableView) -> str | None:
    item, place = view[change.key], view.owner_place(change.key)
    if place and place not in change.leaving:
        return min([place, *change.staying])
    bearers = [name_since(each) for each in view.bearers(change.key)]
    others = [each for each in bearers if each not in change.leaving]
    if item is not None and "owner" not in item:
        return min(others, default=None)
    others += change.staying
    if not others and (place is None or _is_alone(item, place)):
        others = change.joining
    return min(others, default=None)


def _next_last_since(change: NameChange, view: TableView) -> str | None:
    places = [*change.joining, *change.staying, *map(name_since, view.bearers(change.key))]
    known = _last_since(view[change.key])
    return max([_since(p) for p in places] + ([known] if known else []), default=None)


def _is_nobody_left(change: NameChange, view: TableView) -> bool:
    """Return whether the owner leaves, and nobody has taken the name after it."""
    item, place = view[change.key], view.owner_place(change.key)
    is_last = place in change.leaving and _is_alone(item, place)
    return is_last and not change.joining


def _to_check(change: NameChange, view: TableView, owner: str | None) -> Iterable[str]:
    """Yield the artifacts that the new owner depends on, besides those that are written."""
    written = {p.rpartition("#")[2] for p in (*change.joining, *change.staying)}
    before, place = decode_owner(view[change.key]), view.owner_place(change.key)
    if owner and owner != place and (id_ := owner.rpartition("#")[2]) not in written:
        yield id_
    if before and place is None and is_id(before.id):
        yield before.id


def _update(change: NameChange, item: Item | None, right: Item) -> Action:
    sets = [f"#{name} = :{name}" for name in _ATTRIBUTES if name in right]
    removed = [f"#{name}" for name in _ATTRIBUTES if name not in right]
    expression = "SET " + ", ".join(sets) if sets else ""
    if removed:
        expression += " REMOVE " + ", ".join(removed)
    condition, values = _condition(change, item)
    return {
        "Update": {
            "Key": {KEY: {"S": change.key}},
            "UpdateExpression": expression.strip(),
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {f"#{name}": name for name in _ATTRIBUTES},
            "ExpressionAttributeValues": {
                **{f":{name}": right[name] for name in _ATTRIBUTES if name in right},
                **values,
            },
        }
    }


def _condition(change: NameChange, item: Item | None) -> tuple[str, Mapping[str, Any]]:
    """Return the condition that the owner is as read, and that those who join come last."""
    if item is None:
        return f"attribute_not_exists({KEY})", {}
    owner, values = "attribute_not_exists(#owner)", {}
    if "owner" in item:
        owner, values = "#owner = :was", {":was": item["owner"]}
    if change.joining and _is_plain(item):
        first = {"S": min(_since(place) for place in change.joining)}
        return f"{owner} AND #last_since < :first", {**values, ":first": first}
    if "last_since" in item:
        return f"{owner} AND #last_since = :last", {**values, ":last": item["last_since"]}
    return f"{owner} AND attribute_not_exists(#last_since)", values


def _is_plain(item: Item | None) -> bool:
    """Return whether the latest time is what a write of the registry would have left."""
    return item is not None and item.get("last_since") == {"S": _last_since(item)}


def _is_alone(item: Item | None, owner: str | None) -> bool:
    """Return whether nobody has taken the name after its owner."""
    return _is_plain(item) and _since(owner) == _last_since(item)


def _is_equal(item: Item | None, right: Item) -> bool:
    return all((item or {}).get(name) == right.get(name) for name in _ATTRIBUTES)


def _since(place: str | None) -> str:
    return (place or "").rpartition("#")[0]


def _last_since(item: Item | None) -> str | None:
    last = decode_last_since(item)
    return encode_since(last) if last else None
