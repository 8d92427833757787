"""A search index in memory, and what is found in it in every way."""

import sqlite3

from storage.artifacts.records import Artifact
from storage.artifacts.write_rules import Stamp, make_artifact
from storage.artifacts.writes import Identity
from storage.search.candidates import Limits
from storage.search.connections import prepare
from storage.search.links import Links
from storage.search.listing import Listing
from storage.search.pages import Window
from storage.search.paging import matching_rows, read_page
from storage.search.schema import create_tables
from tests.storage.samples import MODEL, START, new_artifact

WALK = Limits(total=0, few=0, chunk=0, sorted=0)
SORT = Limits(total=100)


def open_index() -> sqlite3.Connection:
    """An empty index."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    prepare(db)
    create_tables(db)
    return db


def model(id_: str, name: str, **given: object) -> Artifact:
    identity = Identity(id=id_, version=1, created_at=START, updated_at=START, named_at=START)
    made = new_artifact(
        MODEL,
        name,
        url=f"https://example.org/{id_}",
        identity=identity,
        **given,  # type: ignore[arg-type] # fields of a model
    )
    return make_artifact(made, Stamp(START))


def find(db: sqlite3.Connection, wanted: Listing) -> list[str]:
    """The names of a listing's matches, which are the same however they are found."""
    names = dict(db.execute("SELECT id, name FROM search_artifact"))
    rows = dict(db.execute("SELECT row, name FROM search_artifact"))
    links = Links(tuple(None for _ in wanted.filter.references))
    walked, sorted_ = (
        [names[id_] for _, id_ in read_page(db, wanted, links, Window(200), each).entries]
        for each in (WALK, SORT)
    )
    assert walked == sorted_
    assert sorted(walked) == sorted(rows[r] for r in matching_rows(db, wanted, links, 200))
    return walked
