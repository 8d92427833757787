"""Which actions of one transaction turn an artifact into what it is to become."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from storage.artifacts.names import normalise
from storage.artifacts.records import Artifact, LookupField, ResolvedTarget, Target
from storage.artifacts.write_rules import now, reference_targets
from storage.dynamodb.items.codec import (
    Item,
    decode,
    decode_resolved,
    encode,
    is_backfilled,
    name_since,
    registered_references,
)
from storage.dynamodb.schema.keys import reference_id, reference_key, uniqueness_key, url_key
from storage.dynamodb.schema.table import KEY
from storage.dynamodb.writes.conditions import as_read, only_if, unchanged
from storage.dynamodb.writes.rewriting import rewrite

Action = Mapping[str, Any]
"""One of TransactWriteItems' actions, without the table's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An artifact's item as it was read, and the artifact that it is to become.

    None before is a registration, None after a deletion.
    """

    before: Item | None
    after: Artifact | None

    @property
    def registered(self) -> Artifact | None:
        """What has its url, name and references registered beside it."""
        return decode(self.before) if self.before and is_backfilled(self.before) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteContext:
    """The owner items that were read, and who follows an owner that leaves its name."""

    items: Mapping[str, Item]
    successors: Mapping[str, Artifact]


def uniqueness_keys(step: Step) -> set[str]:
    """The ids of the owner items that a step changes."""
    before, after = (
        {url_key(artifact), name_item_key(artifact)} if artifact else set()
        for artifact in (step.registered, step.after)
    )
    return {key for key in before ^ after if key}


def name_item_key(artifact: Artifact) -> str | None:
    """The id of the item that counts the bearers of the artifact's name; blank has none."""
    name = normalise(artifact.name)
    return uniqueness_key(Target(artifact.type, LookupField.NAME, name)) if name else None


def plan(step: Step, around: WriteContext) -> list[Action] | None:
    """The actions that make the step, each refused if what was read is no longer so.

    None where an owner leaves its name and nobody is known to follow yet: try again.
    """
    if _lacks_heir(step, around):
        return None
    return [
        _artifact_action(step),
        *_url_actions(step, around),
        *_name_actions(step, around),
        *_reference_actions(step),
    ]


def leaves_to_heir(step: Step, items: Mapping[str, Item]) -> bool:
    """Whether the step takes a name from its owner while others bear it too."""
    before, after = step.registered, step.after
    key = name_item_key(before) if before else None
    if before is None or key is None or (after and name_item_key(after) == key):
        return False
    item = items.get(key)
    return item is not None and _owns(item, before) and _bearers(item) > 1


def _lacks_heir(step: Step, around: WriteContext) -> bool:
    before = step.registered
    if before is None or not leaves_to_heir(step, around.items):
        return False
    return name_item_key(before) not in around.successors


def _artifact_action(step: Step) -> Action:
    before, after = step.before, step.after
    if before is None:
        assert after is not None  # noqa: S101 - a step from nothing to nothing is none
        return {"Put": {"Item": encode(after), **only_if(f"attribute_not_exists({KEY})")}}
    if after is None:
        return {"Delete": {"Key": {KEY: before[KEY]}, **unchanged(before)}}
    return rewrite(before, after)


def _url_actions(step: Step, around: WriteContext) -> Iterator[Action]:
    before, after = step.registered, step.after
    old, new = before and url_key(before), after and url_key(after)
    if old == new:
        return
    if after and new:
        yield from _take_url(new, step, after, around.items.get(new))
    # A duplicate that the earlier backend left behind does not own its url.
    if before and old and _owner(around.items.get(old)) == ResolvedTarget(before.id):
        yield {"Delete": {"Key": {KEY: {"S": old}}, **_owner_is("=", before.id)}}


def _take_url(key: str, step: Step, artifact: Artifact, item: Item | None) -> Iterator[Action]:
    put = {"Item": {KEY: {"S": key}, "owner": {"S": artifact.id}}}
    if item is None:
        yield {"Put": {**put, **only_if(f"attribute_not_exists({KEY})")}}
    elif step.before is None or decode(step.before).url != artifact.url:
        # The earlier backend deletes and moves artifacts without a thought for this item.
        owner = item["owner"]["S"]
        yield {"Put": {**put, **_owner_is("=", owner)}}
        if owner != artifact.id:
            elsewhere = f"attribute_not_exists({KEY}) OR #u <> :u"
            away = only_if(elsewhere, {":u": {"S": artifact.url}}, {"#u": "url"})
            yield {"ConditionCheck": {"Key": {KEY: {"S": owner}}, **away}}


def _name_actions(step: Step, around: WriteContext) -> Iterator[Action]:
    before, after = step.registered, step.after
    old, new = before and name_item_key(before), after and name_item_key(after)
    if old == new:
        return
    if after and new and not ((item := around.items.get(new)) and _owns(item, after)):
        yield join(new, name_since(after))
    if before and old and (item := around.items.get(old)):
        yield from _leave(item, before, around.successors.get(old))


def join(key: str, *places: str) -> Action:
    """Count those who bear a name from now on, by their places; the first may be its owner."""
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


def _leave(item: Item, artifact: Artifact, heir: Artifact | None) -> Iterator[Action]:
    key, me = {KEY: item[KEY]}, name_since(artifact)
    one, less = {":one": {"N": "1"}}, {":one": {"N": "1"}, ":less": {"N": "-1"}}
    if not _owns(item, artifact):
        condition = _owner_is("<>", me, " AND bearers > :one", less)
        yield {"Update": {"Key": key, "UpdateExpression": "ADD bearers :less", **condition}}
    elif _bearers(item) == 1:
        yield {"Delete": {"Key": key, **_owner_is("=", me, " AND bearers = :one", one)}}
    else:
        assert heir is not None  # noqa: S101 - nothing is planned without
        place = {":n": {"S": name_since(heir)}, ":b": item[KEY]}
        fewer = {"N": str(_bearers(item) - 1)}
        left = {**item, "owner": place[":n"], "bearers": fewer}
        # Exactly as read: who joins meanwhile may have borne the name longer than the heir.
        yield {"Put": {"Item": left, **as_read(item)}}
        still = only_if("named_key = :n AND bears = :b", place)
        yield {"ConditionCheck": {"Key": {KEY: {"S": heir.id}}, **still}}


def _reference_actions(step: Step) -> Iterator[Action]:
    # Not what the earlier backend has linked since, which is in no index yet.
    listed = registered_references(step.before) if step.before else ()
    old = {reference.target for reference in listed}
    new = reference_targets(step.after) if step.after else frozenset()
    for target in new - old:
        assert step.after is not None  # noqa: S101 - it has targets
        yield {"Put": {"Item": reference_item(step.after.id, target)}}
    for target in old - new:
        assert step.before is not None  # noqa: S101 - it has targets
        key = {"S": reference_id(step.before[KEY]["S"], target)}
        yield {"Delete": {"Key": {KEY: key}}}


def reference_item(model_id: str, target: Target) -> dict[str, Any]:
    """A model's entry in the reverse index."""
    return {
        KEY: {"S": reference_id(model_id, target)},
        "reference": {"S": reference_key(target)},
        "model_id": {"S": model_id},
    }


def _owner(item: Item | None) -> ResolvedTarget | None:
    return decode_resolved(item["owner"]["S"]) if item else None


def _owns(item: Item, artifact: Artifact) -> bool:
    return bool(item["owner"]["S"] == name_since(artifact))


def _bearers(item: Item) -> int:
    return int(item["bearers"]["N"])


def _owner_is(
    relation: str, owner: str, more: str = "", values: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    both = {":me": {"S": owner}, **(values or {})}
    return only_if(f"#o {relation} :me{more}", both, {"#o": "owner"})
