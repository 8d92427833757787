"""The search index of a file changes with its artifacts, and is built anew when it is old."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.artifacts.writes import OnConflict
from storage.errors import StoreUnavailableError
from storage.search.facets import FacetField, FacetRequest, FacetValue
from storage.sqlite.store import SqliteStore
from tests.storage.samples import (
    DATASET,
    by_name,
    full_model,
    listing,
    names,
    new_artifact,
    rating,
    squad,
)
from tests.storage.sqlite.old_files import copy_to
from tests.storage.store_calls import (
    delete,
    read_all,
    register,
    register_one,
    restore,
    update,
)

WORDS = "SELECT count(DISTINCT segid) FROM search_words_idx"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path)) as store:
        yield store


def change_file(path: Path, *statements: str) -> None:
    """Change the file behind the back of the store."""
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)


def silent(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""


def _rate(store: SqliteStore) -> None:
    update(store, register_one(store, full_model()), rating=rating(0.25))


def _update(store: SqliteStore) -> None:
    update(
        store,
        register_one(store, full_model()),
        name="gpt",
        tags=("new",),
        description="other",
        license=None,
        datasets=(by_name(DATASET, "glue"),),
        properties=(("b", "2"),),
    )


def _register_again(store: SqliteStore) -> None:
    register_one(store, squad())
    store.register([squad(license="mit")], OnConflict.UPDATE)


def _delete(store: SqliteStore) -> None:
    delete(store, register_one(store, full_model()))


def _restore(store: SqliteStore) -> None:
    made = register_one(store, full_model())
    delete(store, made)
    restore(store, made.id)


def _reset(store: SqliteStore) -> None:
    register(store, full_model(), *(new_artifact(DATASET, f"d{n}") for n in range(1_200)))
    list(store.reset())


@pytest.mark.parametrize("write", [_rate, _update, _register_again, _delete, _restore, _reset])
def test_every_write_changes_the_index(
    write: Callable[[SqliteStore], None], store: SqliteStore
) -> None:
    write(store)

    assert list(store.check()) == []
    assert read_all(store, listing()) == sorted(store.scan(), key=lambda each: each.name)


def test_a_write_that_fails_leaves_the_index_as_it_was(store: SqliteStore, path: Path) -> None:
    register_one(store, squad())
    trigger = "CREATE TRIGGER full BEFORE INSERT ON change BEGIN SELECT RAISE(ABORT, 'x'); END"
    change_file(path, trigger)

    with pytest.raises(StoreUnavailableError):
        store.register([full_model()], OnConflict.REJECT)

    change_file(path, "DROP TRIGGER full")
    assert names(read_all(store, listing())) == ["squad"]
    assert list(store.check()) == []


@pytest.mark.parametrize("old_format", [1, 2])
def test_artifacts_of_an_older_format_are_found(old_format: int, tmp_path: Path) -> None:
    path = copy_to(tmp_path / "registry.db", old_format)
    with closing(SqliteStore(path)) as store:
        found = read_all(store, listing(search="strasse"))

        assert names(found) == ["Renamed Straße", "  STRASSE ß "]
        assert len(read_all(store, listing())) == len(list(store.scan()))


@pytest.mark.parametrize(
    "damage",
    [
        ["UPDATE search_setting SET value = '0' WHERE name = 'version'"],
        ["DELETE FROM search_setting"],
        ["DROP TABLE search_setting"],
        ["DROP TABLE search_setting", "DROP TABLE search_words", "DROP TABLE search_artifact"],
    ],
)
def test_an_index_of_another_version_is_built_anew_at_opening(
    damage: list[str], path: Path
) -> None:
    with closing(SqliteStore(path)) as store:
        register(store, squad(), full_model())
    change_file(path, *damage)

    with closing(SqliteStore(path)) as store:
        assert list(store.check()) == []
        assert names(read_all(store, listing(search="quad"))) == ["squad"]


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM search_artifact",
        "UPDATE search_artifact SET name_normalized = 'x'",
        "DELETE FROM search_tag",
        "DELETE FROM search_reference",
        "INSERT INTO search_words (search_words) VALUES ('delete-all')",
    ],
)
def test_differences_are_reported_and_repaired(
    damage: str, store: SqliteStore, path: Path
) -> None:
    register(store, squad(), full_model())
    change_file(path, damage)
    assert all(each.is_repairable for each in store.check())

    assert store.repair(silent) == 1

    assert list(store.check()) == []
    assert names(read_all(store, listing(search="quad"))) == ["squad"]
    assert store.repair(silent) == 0


def test_reindexing_builds_the_index_and_tells_its_number_of_artifacts(
    store: SqliteStore, path: Path
) -> None:
    register(store, squad(), full_model())
    assert store.count(listing()) == 2
    change_file(path, "DELETE FROM search_artifact WHERE type = 'dataset'")

    assert store.reindex(silent) == 2

    assert list(store.check()) == []
    assert store.count(listing()) == 2


def test_counts_and_facets_see_what_other_processes_write(
    store: SqliteStore, path: Path
) -> None:
    tags = [FacetRequest(FacetField.TAG)]
    assert store.count(listing()) == 0
    with closing(SqliteStore(path)) as other:
        made = register_one(other, squad(tags=("nlp",)))
        assert store.count(listing()) == 1
        assert store.count_facets(listing(), tags) == [[FacetValue("nlp", 1)]]

        update(other, made, tags=())
        assert store.count_facets(listing(), tags) == [[FacetValue(None, 1)]]

        for _ in other.reset():
            store.count(listing())
        assert store.count(listing()) == 0
        assert store.count_facets(listing(), tags) == [[]]


def test_words_are_merged_while_the_store_writes(store: SqliteStore, path: Path) -> None:
    made = register_one(store, squad())
    with closing(sqlite3.connect(path)) as db:
        most = 0
        for n in range(5_000):
            made = update(store, made, description=f"text {n}")
            (segments,) = db.execute(WORDS).fetchone()
            if segments < most:
                break
            most = segments

    assert segments < most < 1_000
    assert list(store.check()) == []


def test_the_index_is_ready(store: SqliteStore) -> None:
    assert store.search_state().is_ready
