"""`check` reports inconsistent items, and `repair` fixes those that artifacts determine."""

import resource
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from storage.cli import app
from storage.dynamodb.store import DynamoStore
from storage.errors import StoreSetupError
from tests.storage.dynamodb import damaged_registry as damaged
from tests.storage.dynamodb.damaged_registry import Messages, Registry
from tests.storage.dynamodb.legacy.legacy_backend import string_value
from tests.storage.dynamodb.legacy.legacy_table import put_items, read_items
from tests.storage.dynamodb.recorded_calls import action_counts, operations, record_calls
from tests.storage.engines import REGION
from tests.storage.samples import CODE, DATASET, bert, by_name, new_artifact, squad
from tests.storage.store_calls import register, register_one


@pytest.fixture
def registry(moto: DynamoStore) -> Registry:
    dataset, model = register(moto, squad(), bert(by_name(DATASET, "squad")))
    return Registry(moto, dataset, register_one(moto, new_artifact(DATASET, "SQUAD")), model)


def ignore_progress(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""


@pytest.mark.parametrize(
    "damage",
    [
        damaged.delete_url,
        damaged.assign_url_to_unknown_id,
        damaged.assign_url_to_another_artifact,
        damaged.set_invalid_url_owner,
        damaged.add_unused_url,
        damaged.delete_name,
        damaged.assign_name_to_later_artifact,
        damaged.set_latest_time_of_name_too_early,
        damaged.set_invalid_latest_time_of_name,
        damaged.set_attributes_of_older_formats,
        damaged.add_unused_name,
        damaged.delete_reference,
        damaged.set_wrong_reference_model,
        damaged.set_wrong_reference_target,
        damaged.add_unused_references,
        damaged.set_stale_attributes,
    ],
)
def test_damage_that_artifacts_can_restore_is_reported_and_repaired(
    registry: Registry, damage: Callable[[Registry], Messages]
) -> None:
    expected = damage(registry)

    assert registry.check() == expected
    assert registry.store.repair(ignore_progress) == len(expected)
    assert read_items(registry.store) == registry.items
    assert registry.check() == {}


@pytest.mark.parametrize("vacate", [damaged.vacate_name, damaged.add_vacant_name_of_nobody])
def test_vacant_names_are_not_reported_and_repaired(
    registry: Registry, vacate: Callable[[Registry], Messages]
) -> None:
    vacate(registry)

    assert registry.check() == {}
    assert registry.store.repair(ignore_progress) == 1
    assert read_items(registry.store) == registry.items


@pytest.mark.parametrize(
    "damage",
    [
        damaged.make_artifacts_unreadable,
        damaged.add_unknown_item,
        damaged.make_rating_unreadable,
        damaged.give_url_to_two_artifacts,
        damaged.add_legacy_artifact,
    ],
)
def test_damage_that_only_a_person_can_repair_is_reported_and_not_changed(
    registry: Registry, damage: Callable[[Registry], Messages]
) -> None:
    expected = damage(registry)
    before = read_items(registry.store)

    assert registry.check() == expected
    with record_calls(registry.store) as calls:
        assert registry.store.repair(ignore_progress) == 0
    assert set(operations(calls)) == {"Scan"}
    assert len(calls) == 8  # two scans in four segments each: no further round
    assert read_items(registry.store) == before


def test_side_items_of_deleted_artifacts_are_repaired(dynamo: DynamoStore) -> None:
    dataset, model = register(dynamo, squad(), bert(by_name(DATASET, "squad")))
    namesake = register_one(dynamo, new_artifact(DATASET, "SQUAD"))
    Registry(dynamo, dataset, namesake, model).delete_items(dataset.id, model.id)

    # Two urls, two names, one reference, and the deletions of two histories.
    assert len(list(dynamo.check())) == 7
    assert dynamo.repair(ignore_progress) == 7
    assert list(dynamo.check()) == []
    target = by_name(DATASET, "squad").target
    assert dynamo.resolve([target])[target] == namesake


def test_large_artifacts_are_repaired_in_a_transaction_each(moto: DynamoStore) -> None:
    names = [f"code {at}" for at in range(12)]
    for artifact in register(moto, *(new_artifact(CODE, name) for name in names)):
        moto.client.control.update_item(
            TableName=moto.name,
            Key={"artifact_id": string_value(artifact.id)},
            UpdateExpression="SET other_program = :o, code_url = :n",
            ExpressionAttributeValues={
                ":o": string_value("x" * 380_000),
                ":n": string_value("elsewhere"),
            },
        )

    with record_calls(moto) as calls:
        assert moto.repair(ignore_progress) == 12

    assert action_counts(calls) == [1] * 12  # a transaction holds at most 4 MB
    assert list(moto.check()) == []


def test_check_command_exits_with_1_until_everything_is_repaired(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORE", "dynamodb")
    monkeypatch.setenv("DDB_TABLE_NAME", registry.store.name)
    monkeypatch.setenv("AWS_REGION", REGION)
    ((about, message),) = damaged.delete_url(registry).items()

    checked = CliRunner().invoke(app, ["check"])
    repaired = CliRunner().invoke(app, ["check", "--repair"])

    assert (checked.exit_code, checked.stdout) == (1, f"{about} {message}\n")
    assert (repaired.exit_code, repaired.stdout) == (0, "")
    assert "repaired 1, inconsistencies 0 in " in repaired.stderr


def test_a_full_disk_is_reported_with_the_setting_for_another_directory(
    moto: DynamoStore,
) -> None:
    attributes = {"owner": string_value("x"), "long": string_value("x" * 10_000)}
    keys = (string_value(f"url#{at}") for at in range(400))
    put_items(moto, ({"artifact_id": key, **attributes} for key in keys))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(StoreSetupError, match="SQLITE_TMPDIR"):
            list(moto.check())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
