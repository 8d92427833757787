"""What contradicts what is found and named, and mended where the artifacts say how."""

import resource
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from typer.testing import CliRunner

from storage.artifacts.records import Artifact
from storage.cli import app
from storage.dynamodb.store import DynamoStore
from storage.errors import StoreSetupError
from tests.storage.dynamodb.legacy.legacy_backend import put
from tests.storage.dynamodb.legacy.legacy_table import everything, fill
from tests.storage.dynamodb.recorded_calls import actions, operations, recorded
from tests.storage.engines import REGION
from tests.storage.samples import (
    CODE,
    DATASET,
    NOBODY,
    bert,
    by_name,
    draft,
    register,
    register_one,
    squad,
)

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


@pytest.fixture
def registry(moto: DynamoStore) -> Registry:
    first, model = register(moto, squad(), bert(by_name(DATASET, "squad")))
    return Registry(moto, first, register_one(moto, draft(DATASET, "SQUAD")), model)


def text(value: str) -> dict[str, str]:
    return {"S": value}


def silent(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody about progress."""


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


@pytest.mark.parametrize(
    "spoil",
    [
        lost_url,
        url_of_nobody,
        url_of_another,
        url_without_owner,
        stray_url,
        lost_name,
        name_of_a_later_bearer,
        wrong_count,
        stray_name,
        lost_entry,
        entry_of_another_model,
        entry_for_something_else,
        stray_entries,
        stale_attributes,
    ],
)
def test_what_follows_from_the_artifacts_is_found_and_mended(
    registry: Registry, spoil: Callable[[Registry], Wrong]
) -> None:
    wrong = spoil(registry)

    assert registry.wrong() == wrong
    assert registry.store.repair(silent) == len(wrong)
    after = everything(registry.store)
    for item in (after[registry.name], registry.items[registry.name]):
        item.pop("joined", None)  # nothing else tells when a name was joined last
    assert after == registry.items
    assert registry.wrong() == {}


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


@pytest.mark.parametrize(
    "spoil",
    [
        unreadable_artifact,
        item_of_nobody,
        unreadable_rating,
        url_of_two,
        artifact_of_the_earlier_backend,
    ],
)
def test_what_a_person_must_decide_is_found_and_left(
    registry: Registry, spoil: Callable[[Registry], Wrong]
) -> None:
    wrong = spoil(registry)
    before = everything(registry.store)

    assert registry.wrong() == wrong
    with recorded(registry.store) as made:
        assert registry.store.repair(silent) == 0
    assert set(operations(made)) == {"Scan"}
    assert len(made) == 8  # the table's parts, twice, and not once more for nothing
    assert everything(registry.store) == before


def test_what_the_earlier_backend_deletes_or_puts_again_is_mended(
    dynamo: DynamoStore,
) -> None:
    first, model = register(dynamo, squad(), bert(by_name(DATASET, "squad")))
    twin = register_one(dynamo, draft(DATASET, "SQUAD"))
    Registry(dynamo, first, twin, model).drop(first.id, model.id)

    assert len(list(dynamo.check())) == 5  # a url and a name each, and the entry
    assert dynamo.repair(silent) == 5
    assert list(dynamo.check()) == []
    target = by_name(DATASET, "squad").target
    assert dynamo.resolve([target])[target] == twin


def test_what_others_keep_beside_artifacts_may_be_more_than_a_transaction_holds(
    moto: DynamoStore,
) -> None:
    names = [f"code {at}" for at in range(12)]
    for artifact in register(moto, *(draft(CODE, name) for name in names)):
        moto.client.control.update_item(
            TableName=moto.name,
            Key={"artifact_id": text(artifact.id)},
            UpdateExpression="SET kept = :k, name_key = :n",
            ExpressionAttributeValues={":k": text("x" * 380_000), ":n": text("elsewhere")},
        )

    with recorded(moto) as made:
        assert moto.repair(silent) == 12

    assert actions(made) == [1] * 12  # DynamoDB takes 4 MB
    assert list(moto.check()) == []


def test_the_command_names_what_is_wrong_and_exits_with_1_until_it_is_mended(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORE", "dynamodb")
    monkeypatch.setenv("DDB_TABLE_NAME", registry.store.name)
    monkeypatch.setenv("AWS_REGION", REGION)
    ((about, message),) = lost_url(registry).items()

    found = CliRunner().invoke(app, ["check"])
    mended = CliRunner().invoke(app, ["check", "--repair"])

    assert (found.exit_code, found.stdout) == (1, f"{about} {message}\n")
    assert (mended.exit_code, mended.stdout) == (0, "")
    assert mended.stderr.endswith("mended 1, violations 0\n")


def test_a_disk_that_is_full_is_said(moto: DynamoStore) -> None:
    long = {"owner": text("x"), "long": text("x" * 10_000)}
    fill(moto, ({"artifact_id": text(f"url#{at}"), **long} for at in range(400)))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(StoreSetupError, match="SQLITE_TMPDIR"):
            list(moto.check())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
