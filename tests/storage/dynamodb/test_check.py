"""What contradicts what is found and named, and mended where the artifacts say how."""

import resource
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from storage.cli import app
from storage.dynamodb.store import DynamoStore
from storage.errors import StoreSetupError
from tests.storage.dynamodb.damaged_registry import (
    Registry,
    Wrong,
    artifact_of_the_earlier_backend,
    entry_for_something_else,
    entry_of_another_model,
    item_of_nobody,
    lost_entry,
    lost_name,
    lost_url,
    name_of_a_later_bearer,
    stale_attributes,
    stray_entries,
    stray_name,
    stray_url,
    text,
    unreadable_artifact,
    unreadable_rating,
    url_of_another,
    url_of_nobody,
    url_of_two,
    url_without_owner,
    wrong_count,
)
from tests.storage.dynamodb.legacy.legacy_table import everything, fill
from tests.storage.dynamodb.recorded_calls import actions, operations, recorded
from tests.storage.engines import REGION
from tests.storage.samples import (
    CODE,
    DATASET,
    bert,
    by_name,
    draft,
    register,
    register_one,
    squad,
)


@pytest.fixture
def registry(moto: DynamoStore) -> Registry:
    first, model = register(moto, squad(), bert(by_name(DATASET, "squad")))
    return Registry(moto, first, register_one(moto, draft(DATASET, "SQUAD")), model)


def silent(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""


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
