"""The successor of a name's owner has had the name longest, even if the index is behind."""

from collections.abc import Callable, Iterator
from itertools import repeat

import pytest

from storage.artifacts.records import Artifact
from storage.artifacts.writes import Identity
from storage.dynamodb.store import DynamoStore
from tests.history.index_lag import IndexLag
from tests.storage.contract.recorded_changes import ManualClock
from tests.storage.samples import DATASET, UNKNOWN_ID, bert, by_name, squad
from tests.storage.store_calls import (
    delete,
    find_by_name,
    links,
    read_reverse_links,
    register_one,
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
def test_an_owner_that_leaves_is_succeeded_at_once_if_the_index_has_a_successor(
    store: DynamoStore, owner: Artifact, model: Artifact, leave: Leave
) -> None:
    successor = _register_squad(store, "successor")

    leave(store, owner)

    _assert_owner(store, successor, model)


@on_delete_and_rename
def test_a_name_resolves_to_nothing_while_the_index_has_no_successor(
    store: DynamoStore, clock: ManualClock, owner: Artifact, model: Artifact, leave: Leave
) -> None:
    lag = IndexLag(store, clock, repeat(2))
    successor = _register_squad(store, "successor")

    leave(store, owner)

    assert find_by_name(store, DATASET, "squad") is None
    assert links(store, model) == [None]
    lag.catch_up()
    _assert_owner(store, successor, model)


@on_delete_and_rename
def test_a_vacant_name_is_taken_by_the_first_that_has_it_not_by_the_next_registration(
    store: DynamoStore, clock: ManualClock, owner: Artifact, model: Artifact, leave: Leave
) -> None:
    lag = IndexLag(store, clock, repeat(2))
    successor = _register_squad(store, "successor")
    leave(store, owner)

    later = _register_squad(store, "later")

    lag.catch_up()
    _assert_owner(store, successor, model)
    delete(store, successor)
    _assert_owner(store, later, model)


def test_the_only_owner_leaves_nothing_behind(store: DynamoStore, owner: Artifact) -> None:
    delete(store, owner)

    assert store.client.get_items(["name#dataset#squad"]) == {}


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
def test_an_imported_artifact_with_an_earlier_time_takes_the_name_last(
    store: DynamoStore, owner: Artifact, model: Artifact, leave: Leave
) -> None:
    successor = _register_squad(store, "successor")
    imported = _import_between(store, owner, successor)

    assert imported.named_at > successor.named_at
    leave(store, owner)
    _assert_owner(store, successor, model)
    leave(store, successor)
    _assert_owner(store, imported, model)


def _register_squad(store: DynamoStore, path: str) -> Artifact:
    return register_one(store, squad(url=f"https://example.org/{path}"))


def _import_between(store: DynamoStore, one: Artifact, other: Artifact) -> Artifact:
    """Import an artifact that got the name between two others."""
    named_at = one.named_at + (other.named_at - one.named_at) / 2
    identity = Identity(
        id=UNKNOWN_ID, version=1, created_at=named_at, updated_at=named_at, named_at=named_at
    )
    return register_one(store, squad(url="https://example.org/imported", identity=identity))


def _assert_owner(store: DynamoStore, owner: Artifact, model: Artifact) -> None:
    assert find_by_name(store, DATASET, "squad") == owner
    assert links(store, model) == [owner.id]
    assert read_reverse_links(store, owner) == [model.id]
