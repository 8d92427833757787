"""Contradictions in a file are found, and repaired if the artifacts say how."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.artifacts.writes import OnConflict
from storage.deadline import deadline
from storage.errors import StoreUnavailableError
from storage.inconsistencies import UNREADABLE_RATING
from storage.sqlite.store import SqliteStore
from tests.storage.contract.recorded_changes import read_feed, read_history, summarise
from tests.storage.samples import MODEL, new_artifact, squad
from tests.storage.store_calls import register, register_one, update


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path)) as store:
        yield store


def corrupt(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.create_function("knows_format_2", 0, lambda: 1)
        for statement in statements:
            db.execute(statement)


def messages(store: SqliteStore) -> list[tuple[str, bool]]:
    """The findings of a check, each with True if it can be repaired."""
    return [(each.message, each.is_repairable) for each in store.check()]


def silent(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""


def test_stale_columns_are_found_and_written_again(store: SqliteStore, path: Path) -> None:
    register(store, squad())
    corrupt(path, "UPDATE artifact SET name_normalized = 'elsewhere'")

    assert [inconsistency.message for inconsistency in store.check()] == ["has stale columns"]
    assert store.repair(silent) == 1
    assert list(store.check()) == []


def test_unreadable_ratings_are_found_and_left(store: SqliteStore, path: Path) -> None:
    model = register_one(store, new_artifact(MODEL, "bert", rated=0.5))
    corrupt(path, "UPDATE artifact SET rating = '{}'")

    assert [(each.about, each.message) for each in store.check()] == [
        (model.id, UNREADABLE_RATING),
        (model.id, "differs in the search index"),
    ]
    assert store.repair(silent) == 1
    assert messages(store) == [(UNREADABLE_RATING, False)]


def test_a_change_of_a_version_above_the_artifacts_is_found_and_removed(
    store: SqliteStore, path: Path
) -> None:
    made = update(store, update(store, register_one(store, squad()), license="a"), license="b")
    corrupt(path, "UPDATE artifact SET version = 2, content_version = 2, license = 'a'")

    assert messages(store) == [
        ("has changes of versions above its own, 2", True),
        ("differs in the search index", True),
    ]
    assert store.repair(silent) == 2

    assert list(store.check()) == []
    assert [change.version for change in read_history(store, made.id, 2)] == [2, 1]
    assert update(store, made, license="c").version == 3
    assert list(store.check()) == []


@pytest.mark.parametrize(("changed", "version"), [(1, 1), (3, 3)])
def test_a_change_that_contradicts_what_came_after_it_is_found(
    store: SqliteStore, path: Path, changed: int, version: int
) -> None:
    made = register_one(store, squad(license="a", tags=("t",)))
    update(store, update(store, made, license="b"), tags=("u",))
    value = "replace(replace(fields, '\"u\"', '\"x\"'), '\"a\"', '\"x\"')"
    corrupt(path, f"UPDATE change SET fields = {value} WHERE version = {changed}")  # noqa: S608 - ours

    message = f"has a change of version {version} that contradicts the artifact, or the change"
    assert messages(store) == [(f"{message} after it", False)]
    assert store.repair(silent) == 0


def test_a_content_version_above_the_version_is_found(store: SqliteStore, path: Path) -> None:
    register(store, squad())
    corrupt(path, "UPDATE artifact SET content_version = 2")

    assert messages(store) == [("has a content version above its version", False)]


def test_a_reset_that_was_stopped_is_reported_until_it_is_repeated(store: SqliteStore) -> None:
    register(store, squad(), new_artifact(MODEL, "bert"))
    next(iter(store.reset()))

    assert [(each.about, each.is_repairable) for each in store.check()] == [("the file", False)]
    sum(store.reset())
    assert messages(store) == []


def test_a_version_without_its_change_is_found_and_left(store: SqliteStore, path: Path) -> None:
    update(store, register_one(store, squad()), license="a")
    corrupt(path, "DELETE FROM change WHERE version = 2")

    assert messages(store) == [("has version 2, but its newest change is version 1", False)]
    assert store.repair(silent) == 0


def test_a_gap_in_a_history_is_found_and_left(store: SqliteStore, path: Path) -> None:
    update(store, update(store, register_one(store, squad()), license="a"), license="b")
    corrupt(path, "DELETE FROM change WHERE version = 2")

    assert messages(store) == [("has no change of version 2", False)]
    assert store.repair(silent) == 0


def test_a_version_without_any_change_is_one_from_before_histories(
    store: SqliteStore, path: Path
) -> None:
    update(store, register_one(store, squad()), license="a")
    corrupt(path, "DELETE FROM change")

    assert messages(store) == []


def test_an_artifact_that_is_noted_as_deleted_is_found_and_the_note_removed(
    store: SqliteStore, path: Path
) -> None:
    made = register_one(store, squad())
    statement = "INSERT INTO deleted VALUES (?, 9, '2024-01-01T00:00:00.000+00:00', NULL)"
    corrupt(path, statement.replace("?", f"'{made.id}'"))

    assert ("exists, and is also noted as deleted", True) in messages(store)
    assert store.repair(silent) == 1
    assert list(store.check()) == []


def test_the_loss_of_an_artifact_is_recorded_as_its_deletion(
    store: SqliteStore, path: Path
) -> None:
    lost, kept = register(store, squad(), new_artifact(MODEL, "bert"))
    cursor = store.feed_cursor()
    corrupt(path, "DELETE FROM artifact WHERE type = 'dataset'")

    assert messages(store) == [
        ("is gone, but no change says that it was deleted", True),
        ("is in the search index, but is gone", True),
    ]
    assert store.repair(silent) == 2

    assert list(store.check()) == []
    assert summarise(read_feed(store, cursor)) == [("squad", 2, "DELETED")]
    assert [change.version for change in read_history(store, lost.id, 2)] == [2, 1]
    assert list(store.scan()) == [kept]


def test_the_reason_of_a_failed_write_is_logged(
    store: SqliteStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    corrupt(path, "DROP TABLE change")

    with pytest.raises(StoreUnavailableError):
        store.register([squad()], OnConflict.REJECT)

    assert list(store.scan()) == []
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "SQLite failed: no such table: change (SQLITE_ERROR)")
    ]


def test_a_write_that_waits_too_long_for_another_process_is_logged(
    store: SqliteStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with deadline(0.01), pytest.raises(StoreUnavailableError):
            store.register([squad()], OnConflict.REJECT)

    assert [record.getMessage() for record in caplog.records] == [
        "SQLite failed: database is locked (SQLITE_BUSY)"
    ]
    register_one(store, squad())
