"""A table of format 2 becomes one as this version would have written it."""

from hashlib import sha256

import pytest

from storage.artifacts.changes import ChangeKind
from storage.artifacts.writes import ArtifactPatch, Written
from storage.change_queries import HistoryQuery
from storage.dynamodb.store import DynamoStore
from storage.errors import StoreRefusedError
from tests.storage.dynamodb.formats.schema_items import CURRENT, KEY, empty_table, set_schema
from tests.storage.dynamodb.legacy.legacy_backend import Item, migrate
from tests.storage.dynamodb.legacy.legacy_table import put_items, read_items
from tests.storage.dynamodb.legacy.test_migrated_tables import KilledError, kill_at_call
from tests.storage.dynamodb.recorded_calls import before_send
from tests.storage.samples import DATASET, MODEL, by_name, by_url, new_artifact, squad
from tests.storage.store_calls import find_by_name, read, register, register_one, update

LONG_NAME = "long " * 500
LONG_URL = "https://example.org/" + "long/" * 500
FORMATS = {name: {"N": "2"} for name in ("format", "min_reader", "min_writer")}
FEED = "change#", "log#", "deleted#"


@pytest.fixture
def upgraded(dynamo: DynamoStore) -> dict[str, Item]:
    """Return the items that a table of format 2 must have after its upgrade."""
    register(
        dynamo,
        squad(),
        new_artifact(DATASET, "SQUAD"),
        new_artifact(DATASET, LONG_NAME, url=LONG_URL),
        new_artifact(
            MODEL, "bert", by_name(DATASET, "squad"), by_name(DATASET, LONG_NAME),
            by_url(DATASET, LONG_URL),
        ),
    )  # fmt: skip
    expected = {
        key: item for key, item in read_items(dynamo).items() if not key.startswith(FEED)
    }
    empty_table(dynamo)
    put_items(dynamo, map(to_format_2, expected.values()))
    return expected


def to_format_2(item: Item) -> Item:
    """Return an item as format 2 has it."""
    key = item["artifact_id"]["S"]
    if key == "meta#schema":
        return {**KEY, **FORMATS}
    old = {name: to_old_key(name, value) for name, value in item.items()}
    old.pop("content_version", None)
    if old.pop("last_since", None):
        old["bearers"] = {"N": "2" if "squad" in key else "1"}
        old["joined"] = {"S": "2026-01-01T00:00:00+00:00"}
    if key.startswith("reference#"):
        digest = sha256(old["reference"]["S"].encode()).hexdigest()
        old["artifact_id"] = {"S": f"{key.rpartition('#')[0]}#{digest}"}
    return old


def to_old_key(name: str, value: Item) -> Item:
    """Return the value of an attribute, with the key of a long text as in format 2."""
    if name not in {"artifact_id", "bears", "reference"} or "-sha256#" not in value["S"]:
        return value
    scope, _, digest = value["S"].replace("-sha256#", "#").rpartition("#")
    return {"S": f"{scope}##{digest}"}


def test_an_upgraded_table_equals_a_new_one(
    dynamo: DynamoStore, upgraded: dict[str, Item]
) -> None:
    before = read_items(dynamo)
    planned = migrate(dynamo, dry_run=True)
    assert read_items(dynamo) == before

    result = migrate(dynamo)

    assert (planned.undecided, result.undecided, result.left) == ([], [], 0)
    assert read_items(dynamo) == upgraded
    assert read_items(dynamo)["meta#schema"] == {**KEY, **CURRENT}
    dynamo.ensure()
    assert list(dynamo.check()) == []
    assert migrate(dynamo).repaired == 0


def test_servers_of_format_2_are_fenced_before_any_other_item_changes(
    dynamo: DynamoStore,
    upgraded: dict[str, Item],  # noqa: ARG001 - sets the table up
) -> None:
    before = read_items(dynamo)
    schemas: list[Item] = []

    def note(**_: object) -> None:
        after = read_items(dynamo)
        if {**after, "meta#schema": {}} != {**before, "meta#schema": {}}:
            schemas.append(after["meta#schema"])

    with before_send(dynamo, "dynamodb.TransactWriteItems", note):
        migrate(dynamo, early=True)

    assert schemas
    assert all(schema["min_writer"] == {"N": "4"} for schema in schemas)
    after = read_items(dynamo)["meta#schema"]
    assert {name: after[name] for name in FORMATS} == {**FORMATS, "min_writer": {"N": "4"}}


@pytest.mark.parametrize("number", [2, 3])
def test_an_upgrade_that_is_killed_at_every_write_can_be_run_again(
    dynamo: DynamoStore, upgraded: dict[str, Item], number: int
) -> None:
    kills = 0

    while True:
        try:
            with kill_at_call(dynamo, number, "TransactWriteItems", after=number == 2):
                migrate(dynamo)
        except KilledError:
            kills += 1
        else:
            break
        assert kills < 100

    assert kills
    assert read_items(dynamo) == upgraded


def test_what_servers_of_format_2_write_during_the_upgrade_is_upgraded(
    dynamo: DynamoStore, upgraded: dict[str, Item]
) -> None:
    (key,) = (key for key, item in upgraded.items() if "SQUAD" in str(item.get("artifact")))
    versions = iter(range(2, 4))

    def write(**_: object) -> None:
        # A rating, which leaves what it does not know.
        if version := next(versions, None):
            dynamo.client.control.update_item(
                TableName=dynamo.name,
                Key={"artifact_id": {"S": key}},
                UpdateExpression="SET version = :v",
                ExpressionAttributeValues={":v": {"N": str(version)}},
            )

    with before_send(dynamo, "dynamodb.TransactWriteItems", write):
        migrate(dynamo)

    assert read(dynamo, key).content_version == 3
    assert list(dynamo.check()) == []


def test_the_history_of_an_artifact_of_format_2_begins_with_its_next_change(
    dynamo: DynamoStore,
    upgraded: dict[str, Item],  # noqa: ARG001 - sets the table up
) -> None:
    migrate(dynamo)
    artifact = find_by_name(dynamo, DATASET, "squad")
    assert artifact is not None

    (none,) = dynamo.read_history([HistoryQuery(artifact.id, artifact.version, 10)])
    after = update(dynamo, artifact, license="mit")
    (page,) = dynamo.read_history([HistoryQuery(after.id, after.version, 10)])

    assert none.changes == ()
    assert [(change.version, change.kind) for change in page.changes] == [
        (2, ChangeKind.UPDATED)
    ]
    assert list(dynamo.check()) == []


def test_a_server_that_is_fenced_refuses_writes(dynamo: DynamoStore) -> None:
    target = register_one(dynamo, squad())
    set_schema(dynamo, min_writer={"N": "5"})
    dynamo.ensure()

    with pytest.raises(StoreRefusedError):
        dynamo.update(target.id, None, ArtifactPatch(license="mit"))

    set_schema(dynamo)
    dynamo.ensure()
    assert isinstance(dynamo.update(target.id, None, ArtifactPatch(license="mit")), Written)
