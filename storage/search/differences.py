"""Compares the search index with the artifacts, without writing."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator

from storage.artifacts.records import Artifact
from storage.search.artifact_rows import encode, encode_text
from storage.search.chunk_versions import lacks_versions
from storage.search.writing import find_row, read_rows
from storage.temporary_database import open_temporary_database

GONE = "is in the search index, but is gone"
"""The message about an artifact that is in the index alone."""
_SEEN = "CREATE TABLE seen (row INTEGER PRIMARY KEY);"
_VOCABULARY = """
CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_vocabulary
USING fts5vocab(main, search_words, row)
"""


def find_differences(
    db: sqlite3.Connection, artifacts: Iterable[Artifact]
) -> Iterator[tuple[str, str]]:
    """Yield the ids of artifacts that the index shows otherwise than they are, with messages.

    `artifacts` are all of the store's. If none differs, their trigrams are compared as a whole.
    """
    if lacks_versions(db):
        yield "the search index", "lacks versions of rows, which are not counted"
    trigrams: Counter[str] = Counter()
    is_same = True
    for difference in _find_rows(db, artifacts, trigrams):
        is_same = False
        yield difference
    db.execute(_VOCABULARY)
    if is_same and trigrams != dict(db.execute("SELECT term, doc FROM search_vocabulary")):
        yield "the search index", "finds other words than the artifacts have"


def _find_rows(
    db: sqlite3.Connection, artifacts: Iterable[Artifact], trigrams: Counter[str]
) -> Iterator[tuple[str, str]]:
    """Yield the artifacts of which rows differ, and count the trigrams of the others."""
    with open_temporary_database(_SEEN) as seen:
        for artifact in artifacts:
            row = find_row(db, artifact.id)
            if row is None:
                yield artifact.id, "is not in the search index"
                continue
            seen.execute("INSERT OR IGNORE INTO seen VALUES (?)", (row,))
            if any(read_rows(db, table, row) != rows for table, rows in encode(artifact)):
                yield artifact.id, "differs in the search index"
            trigrams.update(_trigrams(artifact))
        for row, id_ in db.execute("SELECT row, id FROM search_artifact"):
            if not seen.execute("SELECT 1 FROM seen WHERE row = ?", (row,)).fetchone():
                yield id_, GONE


def _trigrams(artifact: Artifact) -> set[str]:
    texts = encode_text(artifact)
    return {text[n : n + 3] for text in texts for n in range(len(text) - 2)}
