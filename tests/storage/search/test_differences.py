"""Differences between artifacts and the search index are found and named."""

import sqlite3

import pytest

from storage.search.writing import write_artifact
from tests.storage.samples import full_model
from tests.storage.search.index_tables import differences, make


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("DELETE FROM search_artifact", "is not in the search index"),
        ("UPDATE search_artifact SET license = 'x'", "differs in the search index"),
        ("DELETE FROM search_tag", "differs in the search index"),
        ("UPDATE search_reference SET target = 'x'", "differs in the search index"),
        ("UPDATE search_text SET other = 'x'", "differs in the search index"),
    ],
)
def test_differences_name_the_artifact(
    damage: str, message: str, db: sqlite3.Connection
) -> None:
    model = make(full_model())
    write_artifact(db, model)
    db.execute(damage)

    assert (model.id, message) in differences(db, model)


def test_differences_of_words_and_artifacts_that_are_gone_are_found(
    db: sqlite3.Connection,
) -> None:
    model = make(full_model())
    row = write_artifact(db, model)
    assert differences(db) == [(model.id, "is in the search index, but is gone")]

    text = db.execute("SELECT name, other FROM search_text").fetchone()
    command = "INSERT INTO search_words (search_words, rowid, name, other)"
    db.execute(f"{command} VALUES ('delete', ?, ?, ?)", (row, *text))

    assert differences(db, model) == [
        ("the search index", "finds other words than the artifacts have")
    ]
