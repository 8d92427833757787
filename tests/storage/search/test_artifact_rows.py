"""The rows that an artifact has in the search index: normalised texts, times and scores."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from storage.artifacts.records import Actor, SavedRating
from storage.search.writing import write_artifact
from tests.storage.samples import DATASET, MODEL, by_name, full_model, new_artifact, squad
from tests.storage.search.index_tables import make, read


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
