"""`check` compares histories with the artifacts, and `repair` fixes what they determine."""

from datetime import timedelta

import pytest

from storage.artifacts.changes import Change, ChangeKind
from storage.artifacts.records import Artifact
from storage.artifacts.writes import WriteErrorCode
from storage.change_queries import HistoryQuery
from storage.dynamodb.store import DynamoStore
from storage.inconsistencies import Inconsistency
from tests.storage.dynamodb.legacy.legacy_backend import Item, string_value
from tests.storage.dynamodb.legacy.legacy_table import read_items
from tests.storage.samples import ALICE, START, squad
from tests.storage.store_calls import delete, expect_error, read, register_one, update


@pytest.fixture
def artifact(dynamo: DynamoStore) -> Artifact:
    """An artifact in version 3, with three changes."""
    registered = register_one(dynamo, squad())
    updated = update(dynamo, registered, license="mit")
    return update(dynamo, updated, license="apache-2.0")


def ignore_progress(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""


def put(store: DynamoStore, item: Item) -> None:
    store.client.control.put_item(TableName=store.name, Item=item)


def delete_item(store: DynamoStore, key: str) -> None:
    store.client.control.delete_item(
        TableName=store.name, Key={"artifact_id": string_value(key)}
    )


def check(store: DynamoStore) -> dict[str, str]:
    return {each.about: each.message for each in store.check()}


def undecided(about: str, message: str) -> Inconsistency:
    return Inconsistency(about, message, is_repairable=False)


def read_changes(store: DynamoStore, artifact: Artifact, version: int) -> list[Change]:
    (page,) = store.read_history([HistoryQuery(artifact.id, version, 100)])
    return list(page.changes)


def read_feed(store: DynamoStore) -> list[tuple[str, int]]:
    changes = store.read_feed(None, 100).changes
    return [(change.artifact_id, change.version) for change in changes]


def test_histories_of_changed_deleted_and_restored_artifacts_are_consistent(
    dynamo: DynamoStore, artifact: Artifact
) -> None:
    delete(dynamo, artifact)
    dynamo.restore(artifact.id)
    delete(dynamo, register_one(dynamo, squad(url="https://example.org/other")))

    assert list(dynamo.check()) == []
    assert dynamo.repair(ignore_progress) == 0


def test_a_missing_newest_change_is_replaced_by_one_without_fields(
    dynamo: DynamoStore, artifact: Artifact
) -> None:
    key = f"change#{artifact.id}#3"
    delete_item(dynamo, key)

    assert check(dynamo) == {key: "is missing"}
    assert dynamo.repair(ignore_progress) == 1
    assert check(dynamo) == {}
    changes = read_changes(dynamo, artifact, 3)
    assert [(change.version, change.kind) for change in changes] == [
        (3, ChangeKind.UPDATED),
        (2, ChangeKind.UPDATED),
        (1, ChangeKind.REGISTERED),
    ]
    assert (changes[0].at, changes[0].fields) == (artifact.updated_at, ())


def test_a_newest_change_that_is_not_in_the_log_is_added_to_it(
    dynamo: DynamoStore, artifact: Artifact
) -> None:
    for key, item in read_items(dynamo).items():
        if key.startswith("log#"):
            put(dynamo, {**item, "entries": {"L": []}})

    assert check(dynamo) == {f"change#{artifact.id}#3": "is not in the log"}
    assert dynamo.repair(ignore_progress) == 1
    assert check(dynamo) == {}
    assert read_feed(dynamo) == [(artifact.id, 3)]


def test_changes_above_the_version_of_their_artifact_are_deleted(
    dynamo: DynamoStore, artifact: Artifact
) -> None:
    older = read_items(dynamo)[artifact.id]
    later = update(dynamo, update(dynamo, artifact, license="x"), license="y")
    put(dynamo, older)  # as when somebody restores the item from a backup

    message = "is above the version 3 of its artifact"
    assert check(dynamo) == {f"change#{later.id}#{version}": message for version in (4, 5)}
    assert dynamo.repair(ignore_progress) == 2
    assert check(dynamo) == {}
    assert len(read_changes(dynamo, artifact, 3)) == 3


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_change_that_contradicts_what_came_after_it_is_reported(
    dynamo: DynamoStore, artifact: Artifact, version: int
) -> None:
    key = f"change#{artifact.id}#{version}"
    item = read_items(dynamo)[key]
    after = {1: squad().url, 2: "mit", 3: "apache-2.0"}[version]
    put(
        dynamo,
        {**item, "fields": string_value(item["fields"]["S"].replace(f'"{after}"]', '"x"]'))},
    )

    expected = undecided(key, "contradicts the artifact, or the change after it")
    assert list(dynamo.check()) == [expected]
    assert dynamo.repair(ignore_progress) == 0


def test_a_content_version_above_the_version_is_reported(
    dynamo: DynamoStore, artifact: Artifact
) -> None:
    put(dynamo, {**read_items(dynamo)[artifact.id], "content_version": {"N": "4"}})

    expected = undecided(artifact.id, "has a content version above its version")
    assert list(dynamo.check()) == [expected]


def test_a_reset_that_was_stopped_is_reported_until_it_is_repeated(
    dynamo: DynamoStore, artifact: Artifact
) -> None:
    next(iter(dynamo.reset()))

    assert check(dynamo).keys() == {"meta#schema"}
    sum(dynamo.reset())
    assert check(dynamo) == {}
    expect_error(dynamo.restore(artifact.id), WriteErrorCode.NOT_FOUND)


def test_a_gap_in_a_history_is_reported(dynamo: DynamoStore, artifact: Artifact) -> None:
    delete_item(dynamo, f"change#{artifact.id}#2")

    assert list(dynamo.check()) == [undecided(f"change#{artifact.id}#2", "is missing")]
    assert dynamo.repair(ignore_progress) == 0


def test_a_deletion_beside_a_living_artifact_is_removed(
    dynamo: DynamoStore, artifact: Artifact
) -> None:
    key = f"deleted#{artifact.id}"
    delete(dynamo, artifact)
    deleted = read_items(dynamo)[key]
    dynamo.restore(artifact.id)
    put(dynamo, deleted)

    assert check(dynamo) == {key: "is of an artifact that is not deleted"}
    assert dynamo.repair(ignore_progress) == 1
    assert check(dynamo) == {}
    assert read(dynamo, artifact.id).version == 5


def test_the_deletion_of_an_artifact_that_is_gone_is_recorded(
    dynamo: DynamoStore, artifact: Artifact
) -> None:
    for key in (artifact.id, f"url#dataset#{artifact.url}", "name#dataset#squad"):
        delete_item(dynamo, key)

    key = f"deleted#{artifact.id}"
    assert check(dynamo) == {key: "is missing: the artifact is gone"}
    assert dynamo.repair(ignore_progress) == 1
    assert check(dynamo) == {}
    newest = read_changes(dynamo, artifact, 4)[0]
    assert (newest.version, newest.kind, newest.by) == (4, ChangeKind.DELETED, None)
    assert read_feed(dynamo)[-1] == (artifact.id, 4)
    expect_error(dynamo.restore(artifact.id), WriteErrorCode.NOT_FOUND)


@pytest.mark.parametrize(
    ("prefix", "attribute", "message"),
    [
        ("change#", "fields", "is not a readable change"),
        ("deleted#", "version", "is not a readable deleted artifact"),
    ],
)
def test_items_of_histories_that_cannot_be_read_are_reported(
    dynamo: DynamoStore, artifact: Artifact, prefix: str, attribute: str, message: str
) -> None:
    delete(dynamo, artifact, ALICE)
    key, item = next(
        (key, item) for key, item in read_items(dynamo).items() if key.startswith(prefix)
    )
    put(dynamo, {**item, attribute: string_value("?")})

    assert list(dynamo.check()) == [undecided(key, message)]
    assert dynamo.repair(ignore_progress) == 0


def test_segments_of_the_log_that_cannot_be_read_are_reported(
    dynamo: DynamoStore, artifact: Artifact
) -> None:
    key = "log#1#99#1"
    put(dynamo, {"artifact_id": string_value(key), "entries": {"L": [string_value("?")]}})

    assert list(dynamo.check()) == [undecided(key, "is not a readable segment of the log")]
    assert read(dynamo, artifact.id) == artifact


def test_changes_that_have_expired_are_not_missed(
    dynamo: DynamoStore, artifact: Artifact
) -> None:
    dynamo.set_retention(timedelta(days=1), ignore_progress)
    for version in (1, 3):
        item = read_items(dynamo)[f"change#{artifact.id}#{version}"]
        expired = {"expires_at": {"N": str(int(START.timestamp()))}}
        put(dynamo, {**item, **expired})
    delete_item(dynamo, f"change#{artifact.id}#2")
    delete_item(dynamo, f"change#{artifact.id}#3")

    assert list(dynamo.check()) == []
