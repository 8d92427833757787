"""The search index follows the artifacts, and only what changed is written."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

from storage.artifacts.records import SavedRating
from storage.search import schema
from storage.search.writing import (
    merge_words,
    rebuild,
    remove_all,
    remove_artifact,
    write_artifact,
)
from tests.storage.samples import MODEL, START, full_model, new_artifact, squad
from tests.storage.search.index_tables import count_changes, differences, find, make, read

SEGMENTS = "SELECT count(DISTINCT segid) FROM search_words_idx"


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
