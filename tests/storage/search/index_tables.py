"""Short forms of reading and writing the tables of a search index."""

import sqlite3
from typing import Any

from storage.artifacts.records import Artifact
from storage.artifacts.write_rules import Stamp, make_artifact
from storage.artifacts.writes import NewArtifact
from storage.search.differences import find_differences
from storage.search.folding import to_match
from storage.search.writing import write_artifact
from tests.storage.samples import START


def make(new: NewArtifact) -> Artifact:
    return make_artifact(new, Stamp(START))


def find(db: sqlite3.Connection, word: str) -> list[str]:
    """Return the ids of the artifacts that have the trigrams of a folded word."""
    select = "SELECT id FROM search_artifact JOIN search_words ON row = search_words.rowid"
    return [
        id_ for (id_,) in db.execute(f"{select} WHERE search_words MATCH ?", [to_match(word)])
    ]


def read(db: sqlite3.Connection, table: str, *columns: str) -> list[Any]:
    select = f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1, 2"  # noqa: S608 - constants
    return db.execute(select).fetchall()


def differences(db: sqlite3.Connection, *artifacts: Artifact) -> list[tuple[str, str]]:
    return list(find_differences(db, artifacts))


def count_changes(db: sqlite3.Connection, artifact: Artifact) -> int:
    before = db.total_changes
    write_artifact(db, artifact)
    return db.total_changes - before
