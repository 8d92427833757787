"""After a return to the earlier backend, another migration continues histories and the feed."""

import pytest

from storage.artifacts.changes import ChangeKind
from storage.artifacts.records import Artifact
from storage.change_queries import HistoryQuery
from storage.dynamodb.legacy.migrate import abandon
from storage.dynamodb.store import DynamoStore
from storage.errors import CursorExpiredError
from tests.storage.dynamodb.legacy.legacy_backend import (
    delete_artifact,
    migrate,
    put_artifact,
)
from tests.storage.dynamodb.legacy.legacy_table import read_items
from tests.storage.samples import DATASET, squad
from tests.storage.store_calls import delete, read, register_one, update


@pytest.fixture
def artifact(dynamo: DynamoStore) -> Artifact:
    """An artifact in version 2, in a table that is marked as not migrated then."""
    artifact = update(dynamo, register_one(dynamo, squad()), license="mit")
    assert abandon(dynamo.client)
    return artifact


def read_kinds(store: DynamoStore, id_: str, version: int) -> list[tuple[int, ChangeKind]]:
    (page,) = store.read_history([HistoryQuery(id_, version, 10)])
    return [(change.version, change.kind) for change in page.changes]


def test_an_artifact_that_was_overwritten_gets_the_version_after_those_it_had(
    dynamo: DynamoStore, artifact: Artifact
) -> None:
    put_artifact(dynamo, DATASET, artifact.id, "stanford", url=artifact.url)

    assert migrate(dynamo).migrated == 1

    assert (read(dynamo, artifact.id).version, read(dynamo, artifact.id).name) == (
        3,
        "stanford",
    )
    assert read_kinds(dynamo, artifact.id, 3) == [
        (3, ChangeKind.UPDATED),
        (2, ChangeKind.UPDATED),
        (1, ChangeKind.REGISTERED),
    ]
    assert list(dynamo.check()) == []


def test_the_deletion_of_an_artifact_is_recorded(
    dynamo: DynamoStore, artifact: Artifact
) -> None:
    delete_artifact(dynamo, artifact.id)

    migrate(dynamo)

    assert read_kinds(dynamo, artifact.id, 3)[0] == (3, ChangeKind.DELETED)
    assert list(dynamo.check()) == []


def test_an_id_that_was_used_again_gets_the_version_after_its_deletion(
    dynamo: DynamoStore,
) -> None:
    target = register_one(dynamo, squad())
    delete(dynamo, target)
    abandon(dynamo.client)
    put_artifact(dynamo, DATASET, target.id, "squad", url=target.url)

    migrate(dynamo)

    assert read(dynamo, target.id).version == 3
    assert f"deleted#{target.id}" not in read_items(dynamo)
    assert list(dynamo.check()) == []


def test_cursors_of_the_feed_from_before_the_return_have_expired(dynamo: DynamoStore) -> None:
    dynamo.ensure()
    cursor = dynamo.feed_cursor()
    schema = read_items(dynamo)["meta#schema"]
    abandon(dynamo.client)

    migrate(dynamo)

    with pytest.raises(CursorExpiredError):
        dynamo.read_feed(cursor, 10)
    assert read_items(dynamo)["meta#schema"] == {**schema, "epoch": {"N": "2"}}
