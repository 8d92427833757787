"""The actions of one transaction that change an artifact, with its url, name and references."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from storage.artifacts.names import normalise
from storage.artifacts.records import Artifact, LookupField, ResolvedTarget, Target
from storage.artifacts.write_rules import now, reference_targets
from storage.dynamodb.items.codec import decode, decode_resolved, encode, name_since
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.schema.keys import reference_id, reference_key, uniqueness_key, url_key
from storage.dynamodb.writes.item_updates import (
    Action,
    Condition,
    only_if,
    only_if_absent,
    only_if_equal,
    only_if_unchanged,
    update_item,
)


@dataclass(frozen=True, kw_only=True)
class Transition:
    """An artifact's item as it was read, and the artifact that it becomes.

    `item` is None for a registration, `after` is None for a deletion.
    """

    item: Item | None
    after: Artifact | None

    @cached_property
    def before(self) -> Artifact | None:
        """The artifact as it was read."""
        return None if self.item is None else decode(self.item)

    @property
    def uniqueness_keys(self) -> set[str]:
        """The keys of the uniqueness items that the transition changes."""
        before, after = (
            {url_key(artifact), name_item_key(artifact)} if artifact else set()
            for artifact in (self.before, self.after)
        )
        return {key for key in before ^ after if key}


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteContext:
    """The uniqueness items that were read, and the next owners of the names that are left."""

    items: Mapping[str, Item]
    successors: Mapping[str, Artifact]


def name_item_key(artifact: Artifact) -> str | None:
    """Return the key of the uniqueness item of the artifact's name; None if it is blank."""
    name = normalise(artifact.name)
    return uniqueness_key(Target(artifact.type, LookupField.NAME, name)) if name else None


def to_actions(transition: Transition, context: WriteContext) -> list[Action] | None:
    """Return the transition's actions, each conditional on what was read.

    None if an owner leaves its name and its successor is not known yet: try again.
    """
    if _lacks_successor(transition, context):
        return None
    return [
        _artifact_action(transition),
        *_url_actions(transition, context),
        *_name_actions(transition, context),
        *_reference_actions(transition),
    ]


def needs_successor(transition: Transition, items: Mapping[str, Item]) -> bool:
    """Return whether the transition takes a name from its owner while others have it, too."""
    before, after = transition.before, transition.after
    key = name_item_key(before) if before else None
    if before is None or key is None or (after and name_item_key(after) == key):
        return False
    item = items.get(key)
    return item is not None and _owns(item, before) and _name_count(item) > 1


def _lacks_successor(transition: Transition, context: WriteContext) -> bool:
    before = transition.before
    if before is None or not needs_successor(transition, context.items):
        return False
    return name_item_key(before) not in context.successors


def _artifact_action(transition: Transition) -> Action:
    item, after = transition.item, transition.after
    if item is None:
        assert after is not None  # noqa: S101 - a transition from nothing to nothing is none
        return {"Put": {"Item": encode(after), **only_if_absent()}}
    if after is None:
        return {"Delete": {"Key": {KEY: item[KEY]}, **only_if_unchanged(item)}}
    return update_item(item, after, only_if_unchanged(item))


def _url_actions(transition: Transition, context: WriteContext) -> Iterator[Action]:
    before, after = transition.before, transition.after
    old, new = before and url_key(before), after and url_key(after)
    if old == new:
        return
    if after and new:
        yield from _take_url(new, after, context.items.get(new))
    # A migrated table may hold several artifacts with one url, of which one owns it.
    if before and old and _owner(context.items.get(old)) == ResolvedTarget(before.id):
        yield {"Delete": {"Key": {KEY: {"S": old}}, **_only_if_owner("=", before.id)}}


def _take_url(key: str, artifact: Artifact, item: Item | None) -> Iterator[Action]:
    put = {"Item": {KEY: {"S": key}, "owner": {"S": artifact.id}}}
    if item is None:
        yield {"Put": {**put, **only_if_absent()}}
        return
    # The owner is gone, or has another url: whoever comes next takes the url over.
    owner = item["owner"]["S"]
    yield {"Put": {**put, **_only_if_owner("=", owner)}}
    if owner != artifact.id:
        expression = f"attribute_not_exists({KEY}) OR #u <> :u"
        moved = only_if(expression, {":u": {"S": artifact.url}}, {"#u": "url"})
        yield {"ConditionCheck": {"Key": {KEY: {"S": owner}}, **moved}}


def _name_actions(transition: Transition, context: WriteContext) -> Iterator[Action]:
    before, after = transition.before, transition.after
    old, new = before and name_item_key(before), after and name_item_key(after)
    if old == new:
        return
    if after and new and not ((item := context.items.get(new)) and _owns(item, after)):
        yield join_name(new, name_since(after))
    if before and old and (item := context.items.get(old)):
        yield from _leave_name(item, before, context.successors.get(old))


def join_name(key: str, *places: str) -> Action:
    """Return the action that counts artifacts which take a name, given their places.

    The first of them becomes the owner if the name has none.
    """
    values = {
        ":me": {"S": min(places)},
        ":count": {"N": str(len(places))},
        ":now": {"S": now().isoformat()},
    }
    return {
        "Update": {
            "Key": {KEY: {"S": key}},
            "UpdateExpression": (
                "SET #o = if_not_exists(#o, :me), joined = :now ADD bearers :count"
            ),
            **only_if("attribute_not_exists(#o) OR #o < :me", values, {"#o": "owner"}),
        }
    }


def _leave_name(item: Item, artifact: Artifact, successor: Artifact | None) -> Iterator[Action]:
    key, place = {KEY: item[KEY]}, name_since(artifact)
    one, less = {":one": {"N": "1"}}, {":one": {"N": "1"}, ":less": {"N": "-1"}}
    if not _owns(item, artifact):
        condition = _only_if_owner("<>", place, " AND bearers > :one", less)
        yield {"Update": {"Key": key, "UpdateExpression": "ADD bearers :less", **condition}}
    elif _name_count(item) == 1:
        yield {"Delete": {"Key": key, **_only_if_owner("=", place, " AND bearers = :one", one)}}
    else:
        assert successor is not None  # noqa: S101 - else there are no actions at all
        values = {":n": {"S": name_since(successor)}, ":b": item[KEY]}
        count = {"N": str(_name_count(item) - 1)}
        right = {**item, "owner": values[":n"], "bearers": count}
        # All of it: who joins meanwhile may have an earlier place than the successor.
        yield {"Put": {"Item": right, **only_if_equal(item)}}
        still_there = only_if("named_key = :n AND bears = :b", values)
        yield {"ConditionCheck": {"Key": {KEY: {"S": successor.id}}, **still_there}}


def _reference_actions(transition: Transition) -> Iterator[Action]:
    before, after = transition.before, transition.after
    old = reference_targets(before) if before else frozenset()
    new = reference_targets(after) if after else frozenset()
    for target in new - old:
        assert after is not None  # noqa: S101 - it has targets
        yield {"Put": {"Item": reference_item(after.id, target)}}
    for target in old - new:
        assert before is not None  # noqa: S101 - it has targets
        yield {"Delete": {"Key": {KEY: {"S": reference_id(before.id, target)}}}}


def reference_item(model_id: str, target: Target) -> dict[str, Any]:
    """Return the reverse link from a target to a model."""
    return {
        KEY: {"S": reference_id(model_id, target)},
        "reference": {"S": reference_key(target)},
        "model_id": {"S": model_id},
    }


def _owner(item: Item | None) -> ResolvedTarget | None:
    return decode_resolved(item["owner"]["S"]) if item else None


def _owns(item: Item, artifact: Artifact) -> bool:
    return bool(item["owner"]["S"] == name_since(artifact))


def _name_count(item: Item) -> int:
    return int(item["bearers"]["N"])


def _only_if_owner(
    relation: str, owner: str, more: str = "", values: Mapping[str, Any] | None = None
) -> Condition:
    all_values = {":me": {"S": owner}, **(values or {})}
    return only_if(f"#o {relation} :me{more}", all_values, {"#o": "owner"})
