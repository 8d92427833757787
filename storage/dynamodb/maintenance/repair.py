"""Mends what a ledger shows to be wrong, each thing on the condition that it still is."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import orjson

from storage.artifacts.ids import is_id
from storage.artifacts.write_rules import reference_targets
from storage.dynamodb.client.client import MAX_ACTIONS, MAX_BYTES, DynamoClient
from storage.dynamodb.items.codec import Item, decode, is_backfilled
from storage.dynamodb.maintenance.inconsistencies import (
    Finding,
    WrongArtifact,
    WrongName,
    WrongUrl,
)
from storage.dynamodb.schema.keys import reference_id, url_key
from storage.dynamodb.schema.table import KEY
from storage.dynamodb.writes.conditions import as_read, only_if, unchanged
from storage.dynamodb.writes.execute import grouped
from storage.dynamodb.writes.plans import Action, reference_item
from storage.dynamodb.writes.rewriting import rewrite, rewritten
from storage.errors import UndecodableError

_CLAIMANTS = 25
"""How many are asked whether they still have a url that nobody owns."""


def mend(client: DynamoClient, found: Sequence[Finding]) -> int:
    """Mend what follows from the artifacts, and tell how many of the findings that was."""
    parts = [list(part) for _, part in groupby(found, _about)]
    items = client.get_items(id_ for finding in found for id_ in _concerned(finding))
    plans = {at: plan for at, part in enumerate(parts) if (plan := list(_plan(part, items)))}
    mended: list[int] = []
    for group in _groups(plans, items):
        if client.transact([action for at in group for action in plans[at]]):
            mended += group
        elif len(group) > 1:
            mended += [at for at in group if client.transact(plans[at])]
    return sum(len(parts[at]) for at in mended)


def _groups(plans: Mapping[int, list[Action]], items: Mapping[str, Item]) -> list[list[int]]:
    size = len(orjson.dumps([items, *plans.values()]))
    return grouped(plans) if size <= MAX_BYTES else [[at] for at in plans]


def _about(finding: Finding) -> str:
    """Findings about one artifact are mended together: they follow from the same item."""
    return finding.id if isinstance(finding, WrongArtifact) else finding.violation.about


def _concerned(finding: Finding) -> Iterator[str]:
    if isinstance(finding, WrongArtifact) and is_id(finding.id):
        yield finding.id
    if isinstance(finding, WrongUrl):
        owner = [finding.owner] if finding.owner and is_id(finding.owner) else []
        yield from (finding.key, *owner, *finding.claimants[:_CLAIMANTS])


def _plan(part: Sequence[Finding], items: Mapping[str, Item]) -> Iterator[Action]:
    first = part[0]
    if isinstance(first, WrongArtifact):
        entries = [f.entry for f in part if isinstance(f, WrongArtifact) and f.entry]
        # The rest is found again.
        yield from _artifact(first.id, entries[: MAX_ACTIONS - 1], items.get(first.id))
    elif isinstance(first, WrongUrl):
        yield from _url(first, items)
    elif isinstance(first, WrongName):
        yield from _name(first)


def _artifact(id_: str, entries: Sequence[str], item: Item | None) -> Iterator[Action]:
    right: dict[str, Item] = {}
    if item is not None:
        try:
            artifact = decode(item)
        except UndecodableError:
            return
        right = {
            reference_id(id_, of): reference_item(id_, of) for of in reference_targets(artifact)
        }
        if is_backfilled(item) and rewritten(item, artifact) != item:
            yield rewrite(item, artifact)
        else:
            yield _still(id_, item)
    elif is_id(id_):
        yield _still(id_, None)
    for key in entries:
        if key in right:
            yield {"Put": {"Item": right[key]}}
        else:
            yield {"Delete": {"Key": {KEY: {"S": key}}}}


def _url(wrong: WrongUrl, items: Mapping[str, Item]) -> Iterator[Action]:
    """Give the url to the oldest that has it and is ours; delete what nobody owns."""
    item = items.get(wrong.key)
    having = [id_ for id_ in wrong.claimants if _has(items.get(id_), wrong.key)]
    if item is not None and item.get("owner", {}).get("S") in having:
        return
    adopted = (id_ for id_ in having if is_backfilled(items[id_]))
    if owner := next(adopted, None):
        right = {**(item or {}), KEY: {"S": wrong.key}, "owner": {"S": owner}}
        yield {"Put": {"Item": right, **_as_read(item)}}
        has = only_if("#u = :u", {":u": items[owner]["url"]}, {"#u": "url"})
        yield {"ConditionCheck": {"Key": {KEY: {"S": owner}}, **has}}
    elif item is not None:
        yield {"Delete": {"Key": {KEY: item[KEY]}, **_as_read(item)}}
        if wrong.owner and is_id(wrong.owner):
            # An update may give its owner back the url, and leaves this item as it is.
            yield _still(wrong.owner, items.get(wrong.owner))


def _has(item: Item | None, key: str) -> bool:
    try:
        return item is not None and url_key(decode(item)) == key
    except UndecodableError:
        return False


def _name(wrong: WrongName) -> Iterator[Action]:
    """Set the owner and the count, unless anybody came or left since they were counted."""
    key, item = {"S": wrong.key}, wrong.item
    if wrong.owner is None:
        yield {"Delete": {"Key": {KEY: key}, **_as_read(item)}}
        return
    owner, bearers = {"S": wrong.owner}, {"N": str(wrong.bearers)}
    right = {**(item or {}), KEY: key, "owner": owner, "bearers": bearers}
    yield {"Put": {"Item": right, **_as_read(item)}}
    if item is None or item.get("owner") != owner:
        still = only_if("named_key = :n AND bears = :b", {":n": owner, ":b": key})
        yield {"ConditionCheck": {"Key": {KEY: {"S": wrong.owner.rpartition("#")[2]}}, **still}}


def _still(id_: str, item: Item | None) -> Action:
    """The condition that an artifact is what was read, or not there."""
    gone = only_if(f"attribute_not_exists({KEY})")
    condition = gone if item is None else unchanged(item)
    return {"ConditionCheck": {"Key": {KEY: {"S": id_}}, **condition}}


def _as_read(item: Item | None) -> dict[str, object]:
    """The condition that an item beside the artifacts is what was read."""
    return only_if(f"attribute_not_exists({KEY})") if item is None else as_read(item)
