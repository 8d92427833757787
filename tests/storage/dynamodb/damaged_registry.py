"""A small registry in a table, and the ways in which its items can be damaged."""

from dataclasses import dataclass
from typing import Any

from storage.artifacts.records import Artifact
from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.legacy.legacy_backend import put
from tests.storage.dynamodb.legacy.legacy_table import everything
from tests.storage.samples import DATASET, NOBODY

ORPHAN = "has no owner in the table"
TARGET = "to#dataset#name#squad"
Wrong = dict[str, str]
"""What is said, by what it is about."""


@dataclass
class Registry:
    """Two datasets of one name, and a model that names it."""

    store: DynamoStore
    squad: Artifact
    twin: Artifact
    bert: Artifact

    def __post_init__(self) -> None:
        self.items = everything(self.store)
        self.url = f"url#dataset#{self.squad.url}"
        self.name = "name#dataset#squad"
        self.place = self.items[self.name]["owner"]["S"]
        (self.entry,) = (key for key in self.items if key.startswith("reference#"))

    def put(self, key: str, **attributes: Any) -> None:
        """Write attributes of an item, over those that it has."""
        item = {"artifact_id": {"S": key}, **self.items.get(key, {}), **attributes}
        self.store.client.control.put_item(TableName=self.store.name, Item=item)

    def drop(self, *keys: str) -> None:
        """Delete items."""
        for key in keys:
            self.store.client.control.delete_item(
                TableName=self.store.name, Key={"artifact_id": {"S": key}}
            )

    def wrong(self) -> Wrong:
        """What is found, by what it is about."""
        found = list(self.store.check())
        assert len({violation.about for violation in found}) == len(found)
        return {violation.about: violation.message for violation in found}


def text(value: str) -> dict[str, str]:
    return {"S": value}


def lost_url(to: Registry) -> Wrong:
    to.drop(to.url)
    return {to.url: f"is not owned by {to.squad.id}"}


def url_of_nobody(to: Registry) -> Wrong:
    to.put(to.url, owner=text(NOBODY))
    return {to.url: f"is not owned by {to.squad.id}"}


def url_of_another(to: Registry) -> Wrong:
    to.put(to.url, owner=text(to.bert.id))
    return {to.url: f"is not owned by {to.squad.id}"}


def url_without_owner(to: Registry) -> Wrong:
    to.put(to.url, owner={"L": []})
    return {to.url: f"is not owned by {to.squad.id}"}


def stray_url(to: Registry) -> Wrong:
    to.put("url#code#https://example.org/x", owner=text(to.bert.id))
    return {"url#code#https://example.org/x": ORPHAN}


def lost_name(to: Registry) -> Wrong:
    to.drop(to.name)
    return {to.name: f"does not have the owner {to.place} and the count 2"}


def name_of_a_later_bearer(to: Registry) -> Wrong:
    to.put(to.name, owner=to.items[to.twin.id]["named_key"])
    return {to.name: f"does not have the owner {to.place} and the count 2"}


def wrong_count(to: Registry) -> Wrong:
    to.put(to.name, bearers={"N": "7"})
    return {to.name: f"does not have the owner {to.place} and the count 2"}


def stray_name(to: Registry) -> Wrong:
    to.put("name#code#x", owner=text(to.place), bearers={"N": "1"})
    return {"name#code#x": ORPHAN}


def lost_entry(to: Registry) -> Wrong:
    to.drop(to.entry)
    return {to.entry: f"is not the reverse link of {to.bert.id} for {TARGET}"}


def entry_of_another_model(to: Registry) -> Wrong:
    to.put(to.entry, model_id=text(NOBODY))
    return {to.entry: f"is not the reverse link of {to.bert.id} for {TARGET}"}


def entry_for_something_else(to: Registry) -> Wrong:
    to.put(to.entry, reference=text("to#dataset#name#glue"))
    return {to.entry: f"is not the reverse link of {to.bert.id} for {TARGET}"}


def stray_entries(to: Registry) -> Wrong:
    keys = [f"reference#{of}#{at}" for of in (to.bert.id, NOBODY) for at in range(2)]
    for key in keys:
        to.put(key, reference=text(TARGET), model_id=text(to.bert.id))
    return dict.fromkeys(keys, "is not among its model's references")


def stale_attributes(to: Registry) -> Wrong:
    to.put(to.squad.id, name_key=text("elsewhere"), code_url=text("of no model"))
    return {to.squad.id: "has stale code_url, name_key"}


def unreadable_artifact(to: Registry) -> Wrong:
    # Its url, its name and its references are kept for whoever mends it.
    for id_ in (to.squad.id, to.bert.id):
        to.put(id_, artifact=text("?"))
    return dict.fromkeys((to.squad.id, to.bert.id), "is not a readable artifact")


def item_of_nobody(to: Registry) -> Wrong:
    to.put("a b", anything=text("x"))
    return {"a b": "has an id that no artifact can have"}


def unreadable_rating(to: Registry) -> Wrong:
    to.put(to.bert.id, rating=text('{"net_score": 1}'))
    return {to.bert.id: "has a rating that cannot be read"}


def url_of_two(to: Registry) -> Wrong:
    document = to.items[to.twin.id]["artifact"]["S"].replace(to.twin.url, to.squad.url)
    to.put(to.twin.id, url=text(to.squad.url), artifact=text(document))
    to.drop(f"url#dataset#{to.twin.url}")
    return {to.url: f"is the url of 2 artifacts: {to.squad.id}, {to.twin.id}"}


def artifact_of_the_earlier_backend(to: Registry) -> Wrong:
    put(to.store, DATASET, "1", "mnist")
    return {"1": "was written by the earlier backend; run `python -m storage migrate`"}
