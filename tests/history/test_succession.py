"""Whoever follows an owner has borne the name longest, whatever the index shows."""

from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from itertools import chain, repeat
from typing import Any

import pytest

from storage.artifacts.records import Artifact, Identity
from storage.deadline import deadline
from storage.dynamodb.store import DynamoStore
from storage.errors import StoreUnavailableError
from tests.history.lag import Lag
from tests.storage.samples import (
    DATASET,
    DAWN,
    NOBODY,
    bert,
    by_name,
    delete,
    links,
    named,
    read_reverse_links,
    register_one,
    squad,
    update,
)

Leave = Callable[[DynamoStore, Artifact], object]
each_way_to_leave = pytest.mark.parametrize(
    "leave",
    [delete, lambda store, artifact: update(store, artifact, name="glue")],
    ids=["delete", "rename"],
)


@pytest.fixture
def store(dynamo: DynamoStore) -> Iterator[DynamoStore]:
    """A table that must be in order when the test is over."""
    yield dynamo
    assert list(dynamo.check()) == []


@pytest.fixture
def owner(store: DynamoStore) -> Artifact:
    return _squad(store, "owner")


@pytest.fixture
def model(store: DynamoStore, owner: Artifact) -> Artifact:
    """A model that had a hint to the owner when it was registered."""
    made = register_one(store, bert(by_name(DATASET, "squad")))
    assert [reference.resolved and reference.resolved.id for reference in made.references] == [
        owner.id
    ]
    return made


@each_way_to_leave
def test_an_owner_leaves_once_the_index_shows_who_follows(
    store: DynamoStore, owner: Artifact, model: Artifact, leave: Leave
) -> None:
    Lag(store, _until_the_third_query(1))
    heir = _squad(store, "heir")

    leave(store, owner)

    _assert_owner(store, heir, model)


@each_way_to_leave
def test_an_owner_stays_while_the_index_shows_nobody(
    store: DynamoStore, owner: Artifact, model: Artifact, leave: Leave
) -> None:
    lag = Lag(store, repeat(1))
    heir = _squad(store, "heir")

    with pytest.raises(StoreUnavailableError):
        copy_context().run(_in_haste, leave, store, owner)

    _assert_owner(store, owner, model)
    lag.catch_up()
    leave(store, owner)
    _assert_owner(store, heir, model)


def test_neither_deleted_nor_renamed_bearers_follow(
    store: DynamoStore, owner: Artifact, model: Artifact
) -> None:
    Lag(store, repeat(2))
    deleted, renamed, heir = (_squad(store, n) for n in ("deleted", "renamed", "heir"))
    delete(store, deleted)
    update(store, renamed, name="glue")

    delete(store, owner)

    _assert_owner(store, heir, model)


def test_bearers_that_left_and_came_back_follow_last(
    store: DynamoStore, owner: Artifact, model: Artifact
) -> None:
    lag = Lag(store, repeat(2))
    back, heir = _squad(store, "back"), _squad(store, "heir")
    back = update(store, update(store, back, name="glue"), name="squad")

    update(store, owner, name="glue")
    _assert_owner(store, heir, model)

    lag.catch_up()
    delete(store, heir)
    _assert_owner(store, back, model)


def test_an_owner_that_left_and_came_back_owns_nothing(
    store: DynamoStore, owner: Artifact, model: Artifact
) -> None:
    heir = _squad(store, "heir")
    Lag(store, repeat(2))

    update(store, update(store, owner, name="glue"), name="squad")

    _assert_owner(store, heir, model)


@each_way_to_leave
def test_an_imported_bearer_that_the_index_does_not_show_yet_is_not_passed_over(
    store: DynamoStore, owner: Artifact, model: Artifact, leave: Leave
) -> None:
    Lag(store, _until_the_third_query(1))
    later = _squad(store, "later")
    heir = _imported_between(store, owner, later)

    leave(store, owner)

    _assert_owner(store, heir, model)


def test_a_bearer_that_is_imported_while_the_owner_leaves_is_not_passed_over(
    store: DynamoStore,
    owner: Artifact,
    model: Artifact,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later, last = _squad(store, "later"), _squad(store, "last")
    transact, joined = store.client.transact, list[Artifact]()

    def after_another_joined(actions: Sequence[Any]) -> bool:
        monkeypatch.setattr(store.client, "transact", transact)
        joined.append(_imported_between(store, owner, later))
        delete(store, last)  # there are no more bearers than before
        return transact(actions)

    monkeypatch.setattr(store.client, "transact", after_another_joined)
    update(store, owner, name="glue")

    _assert_owner(store, joined[0], model)


def test_bearers_that_the_earlier_backend_deleted_do_not_keep_an_owner_for_ever(
    dynamo: DynamoStore,
) -> None:
    owner, uncounted, heir = (_squad(dynamo, n) for n in ("owner", "uncounted", "heir"))
    table, boto = dynamo.name, dynamo.client.control
    boto.delete_item(TableName=table, Key={"artifact_id": {"S": uncounted.id}})
    boto.update_item(
        TableName=table,
        Key={"artifact_id": {"S": "name#dataset#squad"}},
        UpdateExpression="SET joined = :long_ago",
        ExpressionAttributeValues={":long_ago": {"S": DAWN.isoformat()}},
    )

    delete(dynamo, owner)

    assert named(dynamo, DATASET, "squad") == heir


def _squad(store: DynamoStore, at: str) -> Artifact:
    return register_one(store, squad(url=f"https://example.org/{at}"))


def _imported_between(store: DynamoStore, one: Artifact, other: Artifact) -> Artifact:
    named_at = one.named_at + (other.named_at - one.named_at) / 2
    identity = Identity(
        id=NOBODY, version=1, created_at=named_at, updated_at=named_at, named_at=named_at
    )
    return register_one(store, squad(url="https://example.org/imported", identity=identity))


def _until_the_third_query(behind: int) -> Iterator[int]:
    return chain(repeat(behind, 2), repeat(0))


def _in_haste(leave: Leave, store: DynamoStore, owner: Artifact) -> None:
    with deadline(0.2):
        leave(store, owner)


def _assert_owner(store: DynamoStore, owner: Artifact, model: Artifact) -> None:
    assert named(store, DATASET, "squad") == owner
    assert links(store, model) == [owner.id]
    assert read_reverse_links(store, owner) == [model.id]
