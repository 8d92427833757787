"""The search index follows the artifacts, and only what changed is written."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from storage.artifacts.records import Actor, Artifact, SavedRating
from storage.artifacts.write_rules import Stamp, make_artifact
from storage.artifacts.writes import NewArtifact
from storage.search import schema
from storage.search.differences import find_differences
from storage.search.folding import to_match
from storage.search.writing import (
    merge_words,
    rebuild,
    remove_all,
    remove_artifact,
    write_artifact,
)
from tests.storage.samples import (
    DATASET,
    MODEL,
    START,
    by_name,
    full_model,
    new_artifact,
    squad,
)

SEGMENTS = "SELECT count(DISTINCT segid) FROM search_words_idx"


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        schema.create_tables(db)
        yield db


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


def test_an_artifact_is_in_all_tables_and_keeps_its_row(db: sqlite3.Connection) -> None:
    model = make(full_model())
    row = write_artifact(db, model)

    assert write_artifact(db, replace(model, name="gpt", version=2)) == row
    assert find(db, "bert") == [model.id]  # still in its url
    assert read(db, "search_artifact", "name", "version") == [("gpt", 2)]
    assert differences(db, replace(model, name="gpt", version=2)) == []
    assert differences(db, model) == [
        (model.id, "differs in the search index"),
    ]


def test_texts_are_found_by_folded_parts_of_name_tags_description_and_url(
    db: sqlite3.Connection,
) -> None:
    new = new_artifact(
        MODEL, "Größe", tags=("Übung",), description="naïve\ntext", url="https://x.org/Y"
    )
    artifact = make(new)
    write_artifact(db, artifact)

    for word in ("gro", "grosse", "ubung", "naive", "text", "x.org/y"):
        assert find(db, word) == [artifact.id]
    assert find(db, "Gro") == []


def test_what_a_new_text_no_longer_has_is_not_found(db: sqlite3.Connection) -> None:
    dataset = make(squad(description="questions"))
    write_artifact(db, dataset)

    write_artifact(db, replace(dataset, description="answers"))

    assert find(db, "questions") == []
    assert find(db, "answers") == [dataset.id]


def test_a_rating_writes_one_row_and_no_text(db: sqlite3.Connection) -> None:
    model = make(full_model())
    write_artifact(db, model)
    rated = replace(
        model,
        version=2,
        updated_at=START + timedelta(1),
        rating=SavedRating('{"net_score": 1}'),
    )

    assert count_changes(db, rated) == 1
    assert count_changes(db, rated) == 0
    assert differences(db, rated) == []


@pytest.mark.parametrize(
    ("text", "is_rated", "net_score"),
    [('{"net_score": -0.5}', 1, -0.5), ("{}", 1, None), ("no JSON", 1, None), (None, 0, None)],
)
def test_an_unreadable_rating_is_one_without_a_score(
    text: str | None, is_rated: int, net_score: float | None, db: sqlite3.Connection
) -> None:
    model = make(full_model())
    write_artifact(db, replace(model, rating=None if text is None else SavedRating(text)))

    assert read(db, "search_artifact", "is_rated", "net_score") == [(is_rated, net_score)]


def test_texts_that_are_compared_are_normalised_beside_those_given(
    db: sqlite3.Connection,
) -> None:
    artifact = replace(
        make(new_artifact(MODEL, " ÉTÉ ", by_name(DATASET, "SQuAD"), license="MIT")),
        created_by=Actor("Ada"),
    )
    write_artifact(db, artifact)

    assert read(db, "search_artifact", "name_normalized", "license", "license_normalized") == [
        ("été", "MIT", "mit")
    ]
    assert read(db, "search_artifact", "created_by", "created_by_normalized") == [
        ("Ada", "ada")
    ]
    assert read(db, "search_reference", "kind", "by", "target") == [
        ("dataset", "name", "squad")
    ]


def test_of_tags_that_differ_in_case_the_first_is_kept(db: sqlite3.Connection) -> None:
    write_artifact(db, make(squad(tags=("NLP", "b", "nlp"))))

    assert read(db, "search_tag", "tag_normalized", "tag") == [("b", "b"), ("nlp", "NLP")]


def test_properties_tell_whether_they_repeat_earlier_ones(db: sqlite3.Connection) -> None:
    properties = (("A", "x"), ("a", "X"), ("b", "x"), ("B", "y"))
    write_artifact(db, replace(make(squad()), properties=properties))

    assert read(db, "search_property", "key_normalized", "key", "repeats") == [
        ("a", "A", 0), ("a", "a", 2), ("b", "B", 1), ("b", "b", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 1, 2, 3, tzinfo=UTC), "2026-01-02T03:00:00.000000+00:00"),
        (
            datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=5))),
            "2026-01-01T22:00:00.000000+00:00",
        ),
        (
            datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))),
            "0001-01-01T00:00:00.000000+05:00",
        ),
    ],
)
def test_times_are_in_utc_if_the_calendar_has_them(
    at: datetime, text: str, db: sqlite3.Connection
) -> None:
    write_artifact(db, replace(make(squad()), created_at=at))

    assert read(db, "search_artifact", "created_at", "id")[0][0] == text


def test_removed_artifacts_leave_nothing(db: sqlite3.Connection) -> None:
    model, dataset = make(full_model()), make(squad())
    write_artifact(db, model)
    write_artifact(db, dataset)

    remove_artifact(db, model.id)
    remove_artifact(db, model.id)

    assert find(db, "bert") == []
    assert differences(db, dataset) == []
    remove_all(db)
    assert differences(db) == []
    assert find(db, "squad") == []


def test_a_build_replaces_tables_of_any_version(db: sqlite3.Connection) -> None:
    write_artifact(db, make(full_model()))
    db.execute("UPDATE search_setting SET value = '0' WHERE name = 'version'")
    db.execute("ALTER TABLE search_artifact DROP COLUMN version")
    assert not schema.is_current(db)
    dataset = make(squad())

    assert rebuild(db, [dataset]) == 1

    assert schema.is_current(db)
    assert differences(db, dataset) == []


def test_a_file_without_the_tables_is_not_current(db: sqlite3.Connection) -> None:
    schema.drop_tables(db)

    assert not schema.is_current(db)


def test_merging_in_steps_leaves_few_segments_and_lose_nothing(db: sqlite3.Connection) -> None:
    artifacts = [make(squad(description=f"words {n}")) for n in range(100)]
    for artifact in artifacts:
        write_artifact(db, artifact)
    assert db.execute(SEGMENTS).fetchone() == (100,)

    assert merge_words(db, 1)
    while merge_words(db, 1):
        pass

    assert db.execute(SEGMENTS).fetchone()[0] < 16
    assert differences(db, *artifacts) == []
    assert sorted(find(db, "words")) == sorted(a.id for a in artifacts)


def test_a_thousand_writes_that_nobody_merges_do_not_fail(db: sqlite3.Connection) -> None:
    dataset = make(squad())
    for n in range(2_100):
        write_artifact(db, replace(dataset, description=f"text {n}"))

    assert db.execute(SEGMENTS).fetchone()[0] < 1_000
    assert find(db, "text 2099") == [dataset.id]


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
