"""The file of a copy: what it takes, what it leaves out, and who may use it at once."""

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from storage.artifacts.records import Artifact
from storage.dynamodb.feed.cursors import Position
from storage.dynamodb.items.codec import encode
from storage.dynamodb.search.copy_file import CopyFile, CopyPosition
from storage.search.links import find_links
from storage.search.pages import Window
from storage.search.paging import read_page
from tests.storage.dynamodb.search.copies import START, contents, model, new_file
from tests.storage.samples import listing

UNREADABLE = {"version": {"S": "1"}}


@pytest.fixture
def file(tmp_path: Path) -> Iterator[CopyFile]:
    made = new_file(tmp_path / "copy.db")
    yield made
    made.close()


def put(file: CopyFile, *artifacts_with: tuple[Artifact, Mapping[str, object]]) -> None:
    with file.writing() as db:
        for artifact, attributes in artifacts_with:
            file.put_item(db, {**encode(artifact), **attributes})


def test_an_item_changes_only_to_a_higher_version(file: CopyFile) -> None:
    put(file, (model("a", 2, "two"), {}))
    put(file, (model("a", 1, "one"), {}), (model("a", 2, "another two"), {}))
    assert contents(file) == {"a": ("two", 2)}

    put(file, (model("a", 3, "three"), {}))
    assert contents(file) == {"a": ("three", 3)}


def test_a_deleted_artifact_comes_back_only_in_a_later_version(file: CopyFile) -> None:
    put(file, (model("a", 2), {}), (model("b", 5), {}))
    with file.writing() as db:
        file.put_deleted(db, "a", 3)
        file.put_deleted(db, "a", 2)
        file.put_deleted(db, "b", 4)
        file.put_deleted(db, "never seen", 9)
    assert contents(file) == {"b": ("bert", 5)}

    put(file, (model("a", 3), {}), (model("never seen", 9), {}))
    assert contents(file) == {"b": ("bert", 5)}

    put(file, (model("a", 4, "back"), {}))
    assert contents(file) == {"a": ("back", 4), "b": ("bert", 5)}


def test_an_item_that_cannot_be_decoded_is_left_out_and_not_remembered(file: CopyFile) -> None:
    put(file, (model("a", 2), {}), (model("b"), UNREADABLE))
    put(file, (model("a", 3), UNREADABLE))
    assert contents(file) == {}

    put(file, (model("a", 2), {}), (model("b"), {}))
    assert contents(file) == {"a": ("bert", 2), "b": ("bert", 1)}


def test_attributes_of_other_programs_are_not_kept(file: CopyFile) -> None:
    item = encode(model("a", description="reads"))
    put(file, (model("a", description="reads"), {"ttl": {"N": "1"}}))

    with file.reading() as db:
        items = file.read_items(db, ["a", "unknown"])
    assert items == {
        "a": {k: v for k, v in item.items() if k not in ("bears", "name_normalized")}
    }


def test_listings_are_read_from_it(file: CopyFile) -> None:
    put(file, (model("a", name="Bért"), {}), (model("b", name="gpt"), {}))

    with file.reading() as db:
        wanted = listing(search="bert", name_matches="r.$")
        links = find_links(wanted.filter, lambda *_: {})
        found = read_page(db, wanted, links, Window(10))
    assert [id_ for _, id_ in found.entries] == ["a"]


def test_positions_are_written_and_leave_other_settings(file: CopyFile) -> None:
    with file.reading() as db:
        assert file.read_cursor(db) == START

    later = CopyPosition(2, 1, (Position(9, 10),))
    with file.writing() as db:
        db.execute("INSERT INTO search_setting VALUES ('other', '1')")
        file.write_cursor(db, later)
    with file.reading() as db:
        assert file.read_cursor(db) == later
        settings = dict(db.execute("SELECT name, value FROM search_setting"))
    assert (settings["other"], settings["identity"]) == ("1", "abc")


def test_a_write_that_fails_leaves_nothing(file: CopyFile) -> None:
    with pytest.raises(KeyError):
        put(file, (model("a"), {}), (model("b"), {"artifact_id": {}}))
    assert contents(file) == {}


def test_a_reader_sees_one_state_while_others_write(file: CopyFile) -> None:
    put(file, (model("a"), {}))
    with file.reading() as db:
        assert file.read_cursor(db) == START
        put(file, (model("b"), {}))
        assert list(db.execute("SELECT id FROM search_artifact")) == [("a",)]
        assert sorted(contents(file)) == ["a", "b"]


def test_open_files_go_on_after_they_are_removed(file: CopyFile) -> None:
    put(file, (model("a"), {}))
    assert sorted(contents(file)) == ["a"]
    for path in file.path.parent.glob("copy.db*"):
        path.unlink()

    put(file, (model("b"), {}))
    assert sorted(contents(file)) == ["a", "b"]
    with file.reading(), pytest.raises(sqlite3.OperationalError), file.reading():
        pass
    assert not file.path.exists()


def test_a_closed_file_closes_what_is_in_use_later(file: CopyFile) -> None:
    with file.reading() as db:
        file.close()
        assert list(db.execute("SELECT id FROM search_artifact")) == []
    with pytest.raises(sqlite3.ProgrammingError):
        db.execute("SELECT 1")


def test_its_size_is_that_of_its_files(file: CopyFile) -> None:
    put(file, (model("a"), {}))
    sizes = [path.stat().st_size for path in file.path.parent.glob("copy.db*")]
    assert file.path.stat().st_size < file.size <= sum(sizes)


def test_a_missing_file_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError), CopyFile(tmp_path / "none.db").reading():
        pass
    assert list(tmp_path.iterdir()) == []


def test_positions_that_are_no_positions_are_damage(file: CopyFile) -> None:
    with file.writing() as db:
        db.execute("UPDATE search_setting SET value = '[1' WHERE name = 'cursor'")
    with pytest.raises(sqlite3.DatabaseError) as failure, file.reading() as db:
        file.read_cursor(db)
    assert failure.value.sqlite_errorcode == sqlite3.SQLITE_CORRUPT
