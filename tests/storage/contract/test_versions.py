"""Versions of one id never go down, and have no gaps between imports."""

from datetime import timedelta

import pytest

from storage.artifacts.write_limits import MAX_VERSION
from storage.artifacts.writes import (
    ArtifactPatch,
    Identity,
    NewArtifact,
    OnConflict,
    WriteErrorCode,
    WriteOutcome,
)
from storage.store import Store
from tests.storage.contract.recorded_changes import read_steps
from tests.storage.samples import DATASET, MODEL, START, new_artifact, squad
from tests.storage.store_calls import (
    delete,
    expect_error,
    expect_written,
    read,
    register_one,
    restore,
    update,
)
from tests.storage.transfer.round_trip import export, import_all


def _imported(version: int, name: str = "squad") -> NewArtifact:
    identity = Identity(
        id="imported",
        version=version,
        created_at=START,
        updated_at=START + timedelta(hours=min(version, 9)),
        named_at=START,
    )
    return new_artifact(DATASET, name, identity=identity)


@pytest.mark.parametrize(("given", "version"), [(1, 5), (4, 5), (5, 5), (9, 9)])
def test_an_imported_version_is_later_than_that_of_the_deletion(
    store: Store, given: int, version: int
) -> None:
    made = register_one(store, _imported(3))
    delete(store, made)

    again = register_one(store, _imported(given))

    assert again.version == version
    assert read(store, again.id) == again
    assert read_steps(store, again)[0] == (version, "REGISTERED")
    expect_error(store.restore(again.id), WriteErrorCode.NOT_FOUND)


def test_an_import_of_a_deleted_id_under_another_url_and_type_is_later_too(
    store: Store,
) -> None:
    delete(store, register_one(store, _imported(3)))
    identity = _imported(1).identity

    again = register_one(store, new_artifact(MODEL, "other", identity=identity))

    assert (again.type, again.version) == (MODEL, 5)


def test_the_history_goes_on_over_delete_and_restore(store: Store) -> None:
    made = register_one(store, _imported(1))
    made = update(store, made, license="mit")
    delete(store, made)
    made = restore(store, made.id)
    made = update(store, made, license="x")
    delete(store, made)
    made = register_one(store, _imported(2))

    assert read_steps(store, made) == [
        (7, "REGISTERED"),
        (6, "DELETED"),
        (5, "UPDATED"),
        (4, "RESTORED"),
        (3, "DELETED"),
        (2, "UPDATED"),
        (1, "REGISTERED"),
    ]


def test_the_history_of_an_import_begins_with_its_version(store: Store) -> None:
    made = register_one(store, _imported(7))
    made = update(store, made, license="mit")

    assert read_steps(store, made) == [(8, "UPDATED"), (7, "REGISTERED")]


def test_after_a_reset_versions_begin_anew(store: Store) -> None:
    delete(store, register_one(store, _imported(7)))
    sum(store.reset())

    again = register_one(store, _imported(1))

    assert again.version == 1
    assert read_steps(store, again) == [(1, "REGISTERED")]


@pytest.mark.parametrize("on_conflict", OnConflict, ids=lambda each: each.value)
def test_an_import_is_not_repeated(store: Store, on_conflict: OnConflict) -> None:
    made = register_one(store, _imported(3))
    cursor = store.feed_cursor()

    (result,) = store.register([_imported(3)], on_conflict)

    if on_conflict is OnConflict.UPDATE:
        assert expect_written(result, WriteOutcome.UNCHANGED) == made
    else:
        expect_error(result, WriteErrorCode.ALREADY_EXISTS)
    assert store.read_feed(cursor, 10).changes == ()


def test_after_the_last_version_an_artifact_can_only_be_deleted(
    store: Store, other: Store
) -> None:
    made = register_one(store, _imported(MAX_VERSION - 1))
    made = update(store, made, license="mit")
    patch = ArtifactPatch(license="x")

    refused = store.update(made.id, made.type, patch)
    assert expect_error(refused, WriteErrorCode.TOO_MANY).field == ("id",)
    assert read(store, made.id) == made
    delete(store, made)
    expect_error(store.restore(made.id), WriteErrorCode.TOO_MANY)

    (again,) = store.register([_imported(1)], OnConflict.REJECT)
    assert expect_error(again, WriteErrorCode.TOO_MANY).field == ("input", "version")
    _, rejects = import_all(other, export(store))
    assert rejects == []
    assert export(other) == export(store)
    register_one(store, squad(url=made.url))


def test_an_export_with_the_last_version_can_be_imported(store: Store, other: Store) -> None:
    made = register_one(store, _imported(MAX_VERSION - 1))
    update(store, made, license="mit")

    _, rejects = import_all(other, export(store))

    assert rejects == []
    assert export(other) == export(store)
