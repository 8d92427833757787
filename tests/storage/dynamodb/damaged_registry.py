"""A small registry in a table, and functions that damage its items.

Each of these functions returns the inconsistencies that a check must report.
"""

from dataclasses import dataclass
from typing import Any

from storage.artifacts.records import Artifact
from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.legacy.legacy_backend import put_artifact, string_value
from tests.storage.dynamodb.legacy.legacy_table import read_items
from tests.storage.samples import DATASET, UNKNOWN_ID

ORPHAN = "has no owner in the table"
TARGET = "to#dataset#name#squad"
Messages = dict[str, str]
"""The messages of inconsistencies, by the key that each is about."""


@dataclass
class Registry:
    """Two datasets with the same name, and a model that refers to it."""

    store: DynamoStore
    squad: Artifact
    namesake: Artifact
    bert: Artifact

    def __post_init__(self) -> None:
        self.items = read_items(self.store)
        self.url_key = f"url#dataset#{self.squad.url}"
        self.name_key = "name#dataset#squad"
        self.name_owner = self.items[self.name_key]["owner"]["S"]
        (self.reference_key,) = (key for key in self.items if key.startswith("reference#"))

    def set_attributes(self, key: str, **attributes: Any) -> None:
        """Set attributes of an item; the others keep the values from before the damage."""
        item = {"artifact_id": {"S": key}, **self.items.get(key, {}), **attributes}
        self.store.client.control.put_item(TableName=self.store.name, Item=item)

    def delete_items(self, *keys: str) -> None:
        for key in keys:
            self.store.client.control.delete_item(
                TableName=self.store.name, Key={"artifact_id": {"S": key}}
            )

    def check(self) -> Messages:
        """Return the inconsistencies of the table, at most one per key."""
        inconsistencies = list(self.store.check())
        assert len({each.about for each in inconsistencies}) == len(inconsistencies)
        return {each.about: each.message for each in inconsistencies}


def delete_url(registry: Registry) -> Messages:
    registry.delete_items(registry.url_key)
    return _wrong_url(registry)


def assign_url_to_unknown_id(registry: Registry) -> Messages:
    registry.set_attributes(registry.url_key, owner=string_value(UNKNOWN_ID))
    return _wrong_url(registry)


def assign_url_to_another_artifact(registry: Registry) -> Messages:
    registry.set_attributes(registry.url_key, owner=string_value(registry.bert.id))
    return _wrong_url(registry)


def set_invalid_url_owner(registry: Registry) -> Messages:
    registry.set_attributes(registry.url_key, owner={"L": []})
    return _wrong_url(registry)


def add_unused_url(registry: Registry) -> Messages:
    key = "url#code#https://example.org/x"
    registry.set_attributes(key, owner=string_value(registry.bert.id))
    return {key: ORPHAN}


def delete_name(registry: Registry) -> Messages:
    registry.delete_items(registry.name_key)
    return _wrong_name(registry)


def assign_name_to_later_artifact(registry: Registry) -> Messages:
    later = registry.items[registry.namesake.id]["named_key"]
    registry.set_attributes(registry.name_key, owner=later)
    return _wrong_name(registry)


def set_latest_time_of_name_too_early(registry: Registry) -> Messages:
    owner_since = registry.name_owner.partition("#")[0]
    registry.set_attributes(registry.name_key, last_since=string_value(owner_since))
    return _wrong_name(registry)


def set_invalid_latest_time_of_name(registry: Registry) -> Messages:
    registry.set_attributes(registry.name_key, last_since=string_value("soon"))
    return _wrong_name(registry)


def set_attributes_of_older_formats(registry: Registry) -> Messages:
    older = {"bearers": {"N": "2"}, "joined": string_value("2026-01-01T00:00:00+00:00")}
    registry.set_attributes(registry.name_key, **older)
    return _wrong_name(registry)


def vacate_name(registry: Registry) -> Messages:
    item = registry.items[registry.name_key]
    kept = {name: item[name] for name in ("artifact_id", "last_since")}
    registry.store.client.control.put_item(TableName=registry.store.name, Item=kept)
    return {}


def add_vacant_name_of_nobody(registry: Registry) -> Messages:
    last = registry.items[registry.name_key]["last_since"]
    registry.set_attributes("name#code#x", last_since=last)
    return {}


def add_unused_name(registry: Registry) -> Messages:
    owner = string_value(registry.name_owner)
    registry.set_attributes("name#code#x", owner=owner)
    return {"name#code#x": ORPHAN}


def delete_reference(registry: Registry) -> Messages:
    registry.delete_items(registry.reference_key)
    return _wrong_reference(registry)


def set_wrong_reference_model(registry: Registry) -> Messages:
    registry.set_attributes(registry.reference_key, model_id=string_value(UNKNOWN_ID))
    return _wrong_reference(registry)


def set_wrong_reference_target(registry: Registry) -> Messages:
    target = string_value("to#dataset#name#glue")
    registry.set_attributes(registry.reference_key, reference=target)
    return _wrong_reference(registry)


def add_unused_references(registry: Registry) -> Messages:
    model_ids = registry.bert.id, UNKNOWN_ID
    keys = [f"reference#{model_id}#{at}" for model_id in model_ids for at in range(2)]
    bert_id = string_value(registry.bert.id)
    for key in keys:
        registry.set_attributes(key, reference=string_value(TARGET), model_id=bert_id)
    return dict.fromkeys(keys, "is not among its model's references")


def set_stale_attributes(registry: Registry) -> Messages:
    stale = {"bears": string_value("elsewhere"), "code_url": string_value("of no model")}
    registry.set_attributes(registry.squad.id, **stale)
    return {registry.squad.id: "has stale bears, code_url"}


def make_artifacts_unreadable(registry: Registry) -> Messages:
    # The side items of these artifacts stay, for the person who repairs them.
    ids = registry.squad.id, registry.bert.id
    for id_ in ids:
        registry.set_attributes(id_, artifact=string_value("?"))
    return dict.fromkeys(ids, "is not a readable artifact")


def add_unknown_item(registry: Registry) -> Messages:
    registry.set_attributes("a b", anything=string_value("x"))
    return {"a b": "has an id that no artifact can have"}


def make_rating_unreadable(registry: Registry) -> Messages:
    registry.set_attributes(registry.bert.id, rating=string_value('{"net_score": "good"}'))
    return {registry.bert.id: "has a rating that cannot be read"}


def give_url_to_two_artifacts(registry: Registry) -> Messages:
    squad, namesake = registry.squad, registry.namesake
    document = registry.items[namesake.id]["artifact"]["S"].replace(namesake.url, squad.url)
    registry.set_attributes(
        namesake.id, url=string_value(squad.url), artifact=string_value(document)
    )
    registry.delete_items(f"url#dataset#{namesake.url}")
    return {
        registry.url_key: f"is the url of 2 artifacts: {squad.id}, {namesake.id}",
        f"change#{namesake.id}#1": "contradicts the artifact, or the change after it",
    }


def add_legacy_artifact(registry: Registry) -> Messages:
    put_artifact(registry.store, DATASET, "1", "mnist")
    return {"1": "was written by the earlier backend; run `python -m storage migrate`"}


def _wrong_url(registry: Registry) -> Messages:
    return {registry.url_key: f"is not owned by {registry.squad.id}"}


def _wrong_name(registry: Registry) -> Messages:
    last = registry.items[registry.name_key]["last_since"]["S"]
    message = f"does not have the owner {registry.name_owner} and the latest time {last}"
    return {registry.name_key: message}


def _wrong_reference(registry: Registry) -> Messages:
    message = f"is not the reverse link of {registry.bert.id} for {TARGET}"
    return {registry.reference_key: message}
