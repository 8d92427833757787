"""The successor of a name's owner has had the name longest, even if the index is behind."""

from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from itertools import chain, repeat
from typing import Any

import pytest

from storage.artifacts.records import Artifact, Identity
from storage.deadline import deadline
from storage.dynamodb.store import DynamoStore
from storage.errors import StoreUnavailableError
from tests.history.index_lag import IndexLag
from tests.storage.contract.recorded_changes import ManualClock
from tests.storage.samples import (
    DATASET,
    START,
    UNKNOWN_ID,
    bert,
    by_name,
    delete,
    find_by_name,
    links,
    read_reverse_links,
    register_one,
    squad,
    update,
)

Leave = Callable[[DynamoStore, Artifact], object]
on_delete_and_rename = pytest.mark.parametrize(
    "leave",
    [delete, lambda store, artifact: update(store, artifact, name="glue")],
    ids=["delete", "rename"],
)


@pytest.fixture
def store(dynamo: DynamoStore) -> Iterator[DynamoStore]:
    """Return an empty table; after the test it must be consistent."""
    yield dynamo
    assert list(dynamo.check()) == []


@pytest.fixture
def owner(store: DynamoStore) -> Artifact:
    return _register_squad(store, "owner")


@pytest.fixture
def model(store: DynamoStore, owner: Artifact) -> Artifact:
    """Register a model whose reference resolved to the owner at once."""
    registered = register_one(store, bert(by_name(DATASET, "squad")))
    assert [
        reference.resolved and reference.resolved.id for reference in registered.references
    ] == [owner.id]
    return registered


@on_delete_and_rename
def test_an_owner_can_leave_when_the_index_has_its_successor(
    clock: ManualClock, store: DynamoStore, owner: Artifact, model: Artifact, leave: Leave
) -> None:
    IndexLag(store, clock, _until_the_third_query(1))
    successor = _register_squad(store, "successor")

    leave(store, owner)

    _assert_owner(store, successor, model)


@on_delete_and_rename
def test_an_owner_cannot_leave_while_the_index_has_no_successor(
    clock: ManualClock, store: DynamoStore, owner: Artifact, model: Artifact, leave: Leave
) -> None:
    lag = IndexLag(store, clock, repeat(1))
    successor = _register_squad(store, "successor")

    with pytest.raises(StoreUnavailableError):
        copy_context().run(_leave_quickly, leave, store, owner)

    _assert_owner(store, owner, model)
    lag.catch_up()
    leave(store, owner)
    _assert_owner(store, successor, model)


def test_deleted_and_renamed_artifacts_do_not_succeed(
    clock: ManualClock, store: DynamoStore, owner: Artifact, model: Artifact
) -> None:
    IndexLag(store, clock, repeat(2))
    deleted, renamed, successor = (
        _register_squad(store, n) for n in ("deleted", "renamed", "successor")
    )
    delete(store, deleted)
    update(store, renamed, name="glue")

    delete(store, owner)

    _assert_owner(store, successor, model)


def test_an_artifact_that_takes_a_name_again_succeeds_last(
    clock: ManualClock, store: DynamoStore, owner: Artifact, model: Artifact
) -> None:
    lag = IndexLag(store, clock, repeat(2))
    back, successor = _register_squad(store, "back"), _register_squad(store, "successor")
    back = update(store, update(store, back, name="glue"), name="squad")

    update(store, owner, name="glue")
    _assert_owner(store, successor, model)

    lag.catch_up()
    delete(store, successor)
    _assert_owner(store, back, model)


def test_an_owner_that_takes_its_name_again_no_longer_owns_it(
    clock: ManualClock, store: DynamoStore, owner: Artifact, model: Artifact
) -> None:
    successor = _register_squad(store, "successor")
    IndexLag(store, clock, repeat(2))

    update(store, update(store, owner, name="glue"), name="squad")

    _assert_owner(store, successor, model)


@on_delete_and_rename
def test_an_imported_artifact_succeeds_though_the_index_shows_it_late(
    clock: ManualClock, store: DynamoStore, owner: Artifact, model: Artifact, leave: Leave
) -> None:
    IndexLag(store, clock, _until_the_third_query(1))
    later = _register_squad(store, "later")
    successor = _import_between(store, owner, later)

    leave(store, owner)

    _assert_owner(store, successor, model)


def test_an_artifact_that_is_imported_while_the_owner_leaves_succeeds(
    store: DynamoStore,
    owner: Artifact,
    model: Artifact,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later, last = _register_squad(store, "later"), _register_squad(store, "last")
    transact, imported = store.client.transact, list[Artifact]()

    def import_first(actions: Sequence[Any]) -> bool:
        monkeypatch.setattr(store.client, "transact", transact)
        imported.append(_import_between(store, owner, later))
        delete(store, last)  # so that the number of namesakes stays the same
        return transact(actions)

    monkeypatch.setattr(store.client, "transact", import_first)
    update(store, owner, name="glue")

    _assert_owner(store, imported[0], model)


def test_artifacts_that_the_legacy_backend_deleted_do_not_block_an_owner(
    dynamo: DynamoStore,
) -> None:
    owner, uncounted, successor = (
        _register_squad(dynamo, n) for n in ("owner", "uncounted", "successor")
    )
    table, boto = dynamo.name, dynamo.client.control
    boto.delete_item(TableName=table, Key={"artifact_id": {"S": uncounted.id}})
    boto.update_item(
        TableName=table,
        Key={"artifact_id": {"S": "name#dataset#squad"}},
        UpdateExpression="SET joined = :long_ago",
        ExpressionAttributeValues={":long_ago": {"S": START.isoformat()}},
    )

    delete(dynamo, owner)

    assert find_by_name(dynamo, DATASET, "squad") == successor


def _register_squad(store: DynamoStore, path: str) -> Artifact:
    return register_one(store, squad(url=f"https://example.org/{path}"))


def _import_between(store: DynamoStore, one: Artifact, other: Artifact) -> Artifact:
    """Import an artifact that got the name between two others."""
    named_at = one.named_at + (other.named_at - one.named_at) / 2
    identity = Identity(
        id=UNKNOWN_ID, version=1, created_at=named_at, updated_at=named_at, named_at=named_at
    )
    return register_one(store, squad(url="https://example.org/imported", identity=identity))


def _until_the_third_query(behind: int) -> Iterator[int]:
    return chain(repeat(behind, 2), repeat(0))


def _leave_quickly(leave: Leave, store: DynamoStore, owner: Artifact) -> None:
    with deadline(0.2):
        leave(store, owner)


def _assert_owner(store: DynamoStore, owner: Artifact, model: Artifact) -> None:
    assert find_by_name(store, DATASET, "squad") == owner
    assert links(store, model) == [owner.id]
    assert read_reverse_links(store, owner) == [model.id]
