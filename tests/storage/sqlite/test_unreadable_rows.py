"""A row that cannot be decoded spoils nothing else, and can be deleted and reset."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.artifacts.changes import ChangeKind
from storage.artifacts.records import Artifact, LookupField, Target
from storage.artifacts.writes import Deleted, OnConflict, WriteErrorCode, WriteOutcome
from storage.errors import UndecodableError
from storage.search.pages import Window
from storage.sqlite.store import SqliteStore
from tests.storage.contract.recorded_changes import read_feed, summarise
from tests.storage.samples import (
    DATASET,
    MODEL,
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
    expect_written,
    read_model_pages,
    register,
    register_one,
    restore,
)

CORRUPTIONS = [
    "tags = '{\"a\": 1}'",
    "tags = '\"nlp\"'",
    "tags = '[1]'",
    "tags = 'nlp'",
    "properties = '[[\"a\"]]'",
    'properties = \'{"a": "b"}\'',
    "created_at = 'yesterday'",
    "updated_at = '2024-01-01T00:00:00'",
    "named_at = 'once'",
    "named_at = ''",
    "type = 'note'",
    "created_by = '[]'",
    'updated_by = \'{"name": 1, "issuer": null}\'',
    "rated_by = 'x'",
    "rated_at = 'x'",
    "tags = CAST(x'ff' AS TEXT)",
    "url = CAST(x'68ff' AS TEXT)",
    "license = CAST(x'ff' AS TEXT)",
    "description = CAST(x'61fe62' AS TEXT)",
    "type = CAST(x'ff' AS TEXT)",
    "named_at = CAST(x'ff' AS TEXT)",
    "created_at = CAST(x'ff' AS TEXT)",
    "updated_by = CAST(x'ff' AS TEXT)",
    "rating = CAST(x'ff' AS TEXT)",
    "version = 9223372036854775807",
    "version = 2147483648",
    "version = 0",
    "version = -1",
    "content_version = 2147483648",
]
IN_REFERENCES = [
    "kind = 'note'",
    "by = 'tag'",
    "role = 'cook'",
    "value = CAST(x'ff' AS TEXT)",
    "resolved_id = 'x', resolved_named_at = 'x'",
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path)) as store:
        yield store


@pytest.fixture(
    params=[
        *(("UPDATE artifact SET {} WHERE id = ?", each) for each in CORRUPTIONS),
        *(("UPDATE reference SET {} WHERE model_id = ?", each) for each in IN_REFERENCES),
    ]
)
def bad(request: pytest.FixtureRequest, store: SqliteStore, path: Path) -> Artifact:
    """A model of which the file has something unreadable, beside a model and a dataset."""
    statement, change = request.param
    bad, *_ = register(store, full_model(), new_artifact(MODEL, "gpt", by_name(MODEL, "bert")))
    register_one(store, squad())
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(statement.format(change), (bad.id,))
    return bad


def test_reads_have_an_error_in_its_place_and_all_others(
    store: SqliteStore, bad: Artifact
) -> None:
    gpt, dataset = read_readable(store, listing())

    found = store.get([bad.id, gpt.id])
    assert isinstance(found[bad.id], UndecodableError)
    assert found[gpt.id] == gpt
    assert sorted(names(read_readable(store, listing(), first=1))) == ["gpt", "squad"]
    assert sorted(names(list(store.scan()))) == ["gpt", "squad"]
    assert read_readable(store, listing(MODEL)) == [gpt]
    page = store.page(listing(MODEL), Window(1))
    assert (page.entries, page.has_next) == ((), True)
    following = store.page(listing(MODEL), Window(1, after=page.end))
    assert [entry.artifact for entry in following.entries] == [gpt]
    assert store.get([dataset.id])[dataset.id] == dataset


def test_check_reports_it_as_not_repairable(store: SqliteStore, bad: Artifact) -> None:
    found = [each for each in store.check() if each.message == "cannot be read"]

    assert [(each.about, each.is_repairable) for each in found] == [(bad.id, False)]
    assert store.repair(lambda *_: None) == 0


def test_it_cannot_be_updated_but_deleted(store: SqliteStore, bad: Artifact) -> None:
    with pytest.raises(UndecodableError):
        store.update(bad.id, None, {"license": "mit"})
    expect_error(store.delete(bad.id, None, 7), WriteErrorCode.VERSION_CONFLICT)

    assert store.delete(bad.id, MODEL, 1) == Deleted(id=bad.id, artifact=None)

    assert store.get([bad.id]) == {}
    assert summarise(read_feed(store))[-1] == ("bert", 2, ChangeKind.DELETED.name)
    expect_error(store.restore(bad.id), WriteErrorCode.NOT_FOUND)
    assert list(store.check()) == []
    register_one(store, full_model())


def test_its_name_can_still_be_taken(store: SqliteStore, bad: Artifact) -> None:
    other = register_one(store, new_artifact(MODEL, "bert", url="https://example.org/other"))

    store.delete(bad.id, None)

    assert store.resolve([by_name(MODEL, "bert").target]) == {
        by_name(MODEL, "bert").target: other
    }


@pytest.mark.parametrize("on_conflict", OnConflict)
def test_a_registration_of_its_url_is_rejected_alone(
    on_conflict: OnConflict, store: SqliteStore, path: Path
) -> None:
    bad = register_one(store, full_model())
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE artifact SET tags = 'x'")
    target = Target(MODEL, LookupField.URL, bad.url)

    rejected, made = store.register([full_model(), squad()], on_conflict)

    expect_error(rejected, WriteErrorCode.ALREADY_EXISTS)
    expect_written(made, WriteOutcome.CREATED)
    assert isinstance(store.resolve([target])[target], UndecodableError)


def test_reset_deletes_it(store: SqliteStore, bad: Artifact) -> None:
    assert sum(store.reset()) == 3
    assert store.get([bad.id]) == {}
    assert list(store.check()) == []


def test_reverse_links_leave_it_out(store: SqliteStore, path: Path) -> None:
    dataset, bad, good = register(
        store,
        squad(),
        new_artifact(MODEL, "bad", by_name(DATASET, "squad")),
        new_artifact(MODEL, "good", by_name(DATASET, "squad")),
    )
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE artifact SET tags = 'x' WHERE id = ?", (bad.id,))

    pages = list(read_model_pages(store, dataset, 1))

    assert [entry.artifact for page in pages for entry in page.entries] == [good]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE change SET kind = 'x' WHERE artifact_id = ?",
        "UPDATE change SET fields = 'x' WHERE artifact_id = ?",
        "UPDATE change SET fields = '[[1]]' WHERE artifact_id = ?",
        "UPDATE change SET at = 'x' WHERE artifact_id = ?",
        "UPDATE change SET by = 'x' WHERE artifact_id = ?",
        "UPDATE change SET name = CAST(x'ff' AS TEXT) WHERE artifact_id = ?",
        "UPDATE change SET fields = CAST(x'ff' AS TEXT) WHERE artifact_id = ?",
        "UPDATE change SET request_id = CAST(x'ff' AS TEXT) WHERE artifact_id = ?",
    ],
)
def test_an_unreadable_change_is_left_out_of_the_feed_and_ends_the_history(
    change: str, store: SqliteStore, path: Path
) -> None:
    made = register_one(store, squad())
    register_one(store, full_model())
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(change, (made.id,))

    assert summarise(read_feed(store)) == [("bert", 1, "REGISTERED")]
    assert [each.message for each in store.check()] == [
        "has a change of version 1 that cannot be read"
    ]


@pytest.mark.parametrize("text", ["x", "[]", "{}", '{"id": "a"}', b"\xff"])
def test_an_unreadable_deleted_artifact_is_not_restored_and_others_are(
    text: str | bytes, store: SqliteStore, path: Path
) -> None:
    bad, good = register(store, full_model(), squad())
    delete(store, bad)
    delete(store, good)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE deleted SET artifact = CAST(? AS TEXT) WHERE id = ?", (text, bad.id))

    expect_error(store.restore(bad.id), WriteErrorCode.NOT_FOUND)
    assert [each.artifact.id for each in store.scan_deleted()] == [good.id]
    assert [each.message for each in store.check()] == [
        "is deleted, and cannot be restored because it cannot be read"
    ]
    assert restore(store, good.id).version == 3
    assert sum(store.reset()) == 1
    assert list(store.check()) == []
