"""A stored text that is not UTF-8, or a version out of range, spoils only its own row."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.artifacts.projection import CORE_PROJECTION
from storage.artifacts.records import Artifact
from storage.artifacts.writes import Deleted, WriteErrorCode
from storage.errors import UndecodableError
from storage.sqlite.store import SqliteStore
from tests.storage.contract.recorded_changes import read_feed, read_history, summarise
from tests.storage.samples import (
    DATASET,
    MODEL,
    by_id,
    by_name,
    full_model,
    listing,
    names,
    new_artifact,
    squad,
)
from tests.storage.sqlite.damaged_listings import read_readable
from tests.storage.store_calls import (
    delete,
    expect_error,
    read_model_pages,
    register,
    register_one,
    restore,
    update,
)

DAMAGED_IDS = [b"\x80", b"a\xff", b"\xff"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path)) as store:
        yield store


def _damage(path: Path, statement: str, *values: object) -> None:
    """Change the file behind the back of the store."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(statement, values)


def _damage_name(path: Path, artifact: Artifact) -> None:
    _damage(path, "UPDATE artifact SET name = CAST(x'ff61' AS TEXT) WHERE id = ?", artifact.id)


def _damage_id(path: Path, model: Artifact, raw: bytes) -> None:
    for statement in (
        "UPDATE artifact SET id = CAST(? AS TEXT) WHERE id = ?",
        "UPDATE reference SET model_id = CAST(? AS TEXT) WHERE model_id = ?",
        "UPDATE change SET artifact_id = CAST(? AS TEXT) WHERE artifact_id = ?",
    ):
        _damage(path, statement, raw, model.id)


def test_an_artifact_whose_name_is_damaged_is_an_error_in_its_place(
    store: SqliteStore, path: Path
) -> None:
    bad, good = register(store, full_model(), squad())
    _damage_name(path, bad)
    target = by_name(MODEL, "bert").target

    found = store.get([bad.id, good.id])

    assert isinstance(found[bad.id], UndecodableError)
    assert str(found[bad.id]) == (
        f"the artifact {bad.id} cannot be read: ValueError('not UTF-8')"
    )
    assert found[good.id] == good
    assert isinstance(store.resolve([target])[target], UndecodableError)
    assert [(each.about, each.message, each.is_repairable) for each in store.check()] == [
        (bad.id, "cannot be read", False)
    ]


def test_an_artifact_whose_name_is_damaged_can_be_deleted(
    store: SqliteStore, path: Path
) -> None:
    bad = register_one(store, full_model())
    _damage_name(path, bad)

    assert store.delete(bad.id, MODEL, 1) == Deleted(id=bad.id, artifact=None)

    assert store.get([bad.id]) == {}
    assert summarise(read_feed(store)) == [("bert", 1, "REGISTERED"), ("\ufffda", 2, "DELETED")]
    assert list(store.check()) == []


def test_damaged_fields_that_are_not_read_do_no_harm(store: SqliteStore, path: Path) -> None:
    made = register_one(store, full_model())
    _damage(path, "UPDATE artifact SET license = CAST(x'ff' AS TEXT)")

    found = store.get([made.id], CORE_PROJECTION)[made.id]

    assert not isinstance(found, UndecodableError)
    assert (found.id, found.name, found.url) == (made.id, "bert", made.url)


@pytest.mark.parametrize("first", [1, 2, 100])
def test_listings_go_on_after_each_damaged_artifact(
    first: int, store: SqliteStore, path: Path
) -> None:
    made = register(store, *(new_artifact(MODEL, name) for name in "abcdefg"))
    for each in (made[0], made[2], made[3], made[6]):
        _damage_name(path, each)

    assert read_readable(store, listing(MODEL), first) == [made[1], made[4], made[5]]
    assert store.count(listing(MODEL, name_contains="e")) == 1


def test_an_export_leaves_out_damaged_artifacts_and_tells(
    store: SqliteStore, path: Path
) -> None:
    made = register(store, *(new_artifact(MODEL, name) for name in "abcde"))
    for number in (1, 2, 4):
        _damage(
            path,
            "UPDATE artifact SET named_at = CAST(? AS TEXT) WHERE id = ?",
            bytes([0xF0 + number]),
            made[number].id,
        )
    unreadable: list[UndecodableError] = []

    assert list(store.scan(unreadable.append)) == [made[0], made[3]]
    assert [str(error) for error in unreadable] == [
        f"the artifact {made[number].id} cannot be read: ValueError('not UTF-8')"
        for number in (1, 2, 4)
    ]


@pytest.mark.parametrize("raw", DAMAGED_IDS)
def test_a_model_whose_id_is_damaged_is_left_out(
    raw: bytes, store: SqliteStore, path: Path
) -> None:
    dataset = register_one(store, squad())
    linked = (new_artifact(MODEL, name, by_id(DATASET, dataset.id)) for name in "xab")
    bad, *good = register(store, *linked)
    _damage_id(path, bad, raw)

    assert names(read_readable(store, listing(MODEL))) == ["a", "b"]
    assert list(store.scan()) == [dataset, *good]
    assert [change.name for change in read_feed(store, first=1)] == ["squad", "a", "b"]
    pages = read_model_pages(store, dataset, 1)
    assert [entry.artifact for page in pages for entry in page.entries] == sorted(
        good, key=lambda each: each.id
    )


@pytest.mark.parametrize("raw", DAMAGED_IDS)
def test_a_model_whose_id_is_damaged_is_reported_and_reset(
    raw: bytes, store: SqliteStore, path: Path
) -> None:
    bad, _ = register(store, full_model(), squad())
    _damage_id(path, bad, raw)

    text = raw.decode(errors="replace")
    assert [(each.about, each.message) for each in store.check()] == [
        (text, "cannot be read"),
        (text, "has a change of version 1 that cannot be read"),
        (bad.id, "is in the search index, but is gone"),
    ]
    assert sum(store.reset()) == 2
    assert list(store.check()) == []


def test_the_feed_goes_on_after_a_damaged_change(store: SqliteStore, path: Path) -> None:
    register(store, *(new_artifact(MODEL, name) for name in "abc"))
    _damage(path, "UPDATE change SET at = CAST(x'ff' AS TEXT) WHERE seq = 2")

    assert summarise(read_feed(store, first=1)) == [
        ("a", 1, "REGISTERED"),
        ("c", 1, "REGISTERED"),
    ]


def test_a_feed_cursor_after_a_damaged_change_stays_valid(
    store: SqliteStore, path: Path
) -> None:
    register(store, *(new_artifact(MODEL, name) for name in "ab"))
    _damage(path, "UPDATE change SET at = CAST(x'ff' AS TEXT) WHERE seq = 2")
    cursor = store.feed_cursor()
    register_one(store, new_artifact(MODEL, "c"))

    assert summarise(read_feed(store, cursor)) == [("c", 1, "REGISTERED")]


def test_deleted_artifacts_whose_ids_are_damaged_are_passed_over(
    store: SqliteStore, path: Path
) -> None:
    bad, good = register(store, full_model(), squad())
    delete(store, bad)
    delete(store, good)
    _damage(path, "UPDATE deleted SET id = CAST(x'80' AS TEXT) WHERE id = ?", bad.id)

    assert {each.artifact.id for each in store.scan_deleted()} >= {good.id}
    assert restore(store, good.id).version == 3


@pytest.mark.parametrize("version", [2**63 - 1, 2**31, 0, -(2**63)])
def test_the_deletion_of_an_artifact_whose_version_is_damaged_follows_its_changes(
    version: int, store: SqliteStore, path: Path
) -> None:
    made = register_one(store, squad())
    made = update(store, made, license="mit")
    _damage(path, "UPDATE artifact SET version = ?", version)
    assert isinstance(store.get([made.id])[made.id], UndecodableError)
    assert store.repair(lambda *_: None) == 0

    assert store.delete(made.id, DATASET) == Deleted(id=made.id, artifact=None)

    assert [(each.version, each.kind.name) for each in read_history(store, made.id, 3)] == [
        (3, "DELETED"), (2, "UPDATED"), (1, "REGISTERED"),
    ]  # fmt: skip
    assert list(store.check()) == []


def test_a_change_and_a_deletion_whose_versions_are_damaged_are_unreadable(
    store: SqliteStore, path: Path
) -> None:
    made = register_one(store, squad())
    delete(store, made)
    _damage(path, "UPDATE deleted SET version = ?", 2**31)
    _damage(path, "UPDATE change SET version = ? WHERE version = 2", 2**31)

    assert summarise(read_feed(store)) == [("squad", 1, "REGISTERED")]
    expect_error(store.restore(made.id), WriteErrorCode.NOT_FOUND)
    assert list(store.scan_deleted()) == []
    assert {each.message for each in store.check()} >= {
        "is deleted, and cannot be restored because it cannot be read",
        f"has a change of version {2**31} that cannot be read",
    }
