"""Reads a whole table and finds what contradicts what: artifacts are true, the rest follows.

In memory it keeps a few keys of each artifact, not the artifact.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from storage.changes import targets
from storage.dynamodb.client import DynamoClient
from storage.dynamodb.codec import Item, decode, is_adopted, named_key
from storage.dynamodb.keys import reference_id, reference_key, url_key
from storage.dynamodb.plans import Action, as_read, bearing_key, only_if, rewritten, unchanged
from storage.dynamodb.table import KEY
from storage.errors import UndecodableError
from storage.ids import is_id
from storage.violations import Violation


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation, and the actions that mend it if nothing changes meanwhile."""

    violation: Violation
    mending: tuple[Action, ...] = ()


@dataclass(slots=True)
class Survey:
    """What a table holds, by the roles of its items."""

    claims: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Url keys to the ids of the artifacts that have the url."""
    bearers: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Name keys to the places of the artifacts that bear the name."""
    references: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Ids of reference items to their reverse index key and model, as models have them."""
    owner_items: dict[str, Item] = field(default_factory=dict)
    reference_items: dict[str, Item] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    earlier: set[str] = field(default_factory=set)
    """Ids of the artifacts that only the earlier backend has written."""


def survey(client: DynamoClient) -> Survey:
    """Read every item once."""
    seen = Survey()
    for item in client.scan():
        id_ = item[KEY]["S"]
        if is_id(id_):
            _see_artifact(seen, id_, item)
        elif "model_id" in item:
            seen.reference_items[id_] = item
        else:
            seen.owner_items[id_] = item
    return seen


def findings(seen: Survey) -> Iterator[Finding]:
    """All that is wrong with what was read."""
    yield from seen.findings
    yield from _urls(seen)
    yield from _names(seen)
    yield from _references(seen)
    claimed = seen.claims.keys() | seen.bearers.keys()
    for key in seen.owner_items.keys() - claimed:
        yield _orphan(key, seen.owner_items[key], "is owned by nobody that is there")
    for key in seen.reference_items.keys() - seen.references.keys():
        yield _orphan(key, seen.reference_items[key], "is in no model's references")


def _see_artifact(seen: Survey, id_: str, item: Item) -> None:
    try:
        artifact = decode(item)
    except UndecodableError as error:
        seen.findings.append(Finding(Violation(id_, str(error), can_be_mended=False)))
        return
    if not is_adopted(item):
        seen.earlier.add(id_)
        seen.findings.append(
            Finding(Violation(id_, "is the earlier backend's: migrate", False))
        )
        return
    right = rewritten(item, artifact)
    if right != item:
        wrong = sorted(k for k in right.keys() | item.keys() if right.get(k) != item.get(k))
        put = {"Put": {"Item": right, **unchanged(item)}}
        seen.findings.append(Finding(Violation(id_, f"has stale {', '.join(wrong)}"), (put,)))
    seen.claims[url_key(artifact)].append(id_)
    if key := bearing_key(artifact):
        seen.bearers[key].append(named_key(artifact))
    for target in targets(artifact):
        seen.references[reference_id(id_, target)] = (reference_key(target), id_)


def _urls(seen: Survey) -> Iterator[Finding]:
    for key, ids in seen.claims.items():
        item = seen.owner_items.get(key)
        if item is None or item["owner"]["S"] not in ids:
            right = {KEY: {"S": key}, "owner": {"S": min(ids, key=age)}}
            yield _replacement(key, item, right, f"is not owned by {' or '.join(sorted(ids))}")
        if len(ids) > 1:
            message = f"is the url of {len(ids)} artifacts: {', '.join(sorted(ids, key=age))}"
            yield Finding(Violation(key, message, can_be_mended=False))


def _names(seen: Survey) -> Iterator[Finding]:
    for key, places in seen.bearers.items():
        item = seen.owner_items.get(key)
        right = {
            **(item or {}),
            KEY: {"S": key},
            "owner": {"S": min(places)},
            "bearers": {"N": str(len(places))},
        }
        if item != right:
            message = f"is not {min(places)} and {len(places)} in all"
            yield _replacement(key, item, right, message)


def _references(seen: Survey) -> Iterator[Finding]:
    for key, (reference, model_id) in seen.references.items():
        item = seen.reference_items.get(key)
        right = {KEY: {"S": key}, "reference": {"S": reference}, "model_id": {"S": model_id}}
        if item != right:
            message = f"is not the entry of {model_id} for {reference}"
            yield _replacement(key, item, right, message)


def _replacement(key: str, item: Item | None, right: Item, message: str) -> Finding:
    return Finding(Violation(key, message), ({"Put": {"Item": right, **_as_read(item)}},))


def _orphan(key: str, item: Item, message: str) -> Finding:
    delete = {"Delete": {"Key": {KEY: {"S": key}}, **_as_read(item)}}
    return Finding(Violation(key, message), (delete,))


def _as_read(item: Item | None) -> dict[str, Any]:
    """The condition that an item beside the artifacts is still what was read."""
    if item is None:
        return only_if(f"attribute_not_exists({KEY})")
    return as_read(item)


def age(id_: str) -> tuple[int, str]:
    """Older first: counted ids by their number, UUIDv7 by their time."""
    return len(id_), id_
