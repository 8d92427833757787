"""A large catalogue of models with text, tags and licenses, and the requests of its page."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from storage.artifacts.inputs import parse_new_artifact
from storage.artifacts.records import Artifact, ArtifactType
from storage.artifacts.write_rules import Stamp, make_artifact
from storage.artifacts.writes import Identity
from storage.search.writing import finish_build
from storage.sqlite import rows
from storage.sqlite.store import SqliteStore
from tests.benchmarks.fill import make_rating
from tests.benchmarks.queries import Query

_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
_SYLLABLES = [consonant + vowel for consonant in "bdklmn" for vowel in "aeio"]
_TAGS = [f"task-{number}" for number in range(20)]
_LICENSES = ["apache-2.0", "mit", "cc-by-4.0", "bsd-3-clause", "openrail", "llama3", None]
_RATED = 0.3
_DESCRIPTION_WORDS = 50
"""About 300 characters."""
_numbers = count(1)
_LISTING = """query (
  $filter: ModelFilter, $search: String, $orderBy: ModelOrder, $first: Int, $last: Int
) {
  models(filter: $filter, search: $search, orderBy: $orderBy, first: $first, last: $last) {
    nodes { id name license tags updatedAt rating { netScore } }
    pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}"""
_COUNTS = """query ($filter: ModelFilter, $search: String) {
  models(filter: $filter, search: $search, first: 1) {
    totalCount
    facets(by: [{ field: TAG }, { field: LICENSE }]) { values { value count } }
  }
}"""


def fill_catalogue(file: Path, models: int) -> None:
    """Write a file with so many models; registering them would take longer."""
    SqliteStore(file).close()
    db = sqlite3.connect(file, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("BEGIN")
    for artifact in _make_models(models):
        rows.write_artifact(db, artifact)
    finish_build(db)
    db.execute("COMMIT")
    db.close()


def make_catalogue_queries() -> list[Query]:
    """Return the requests of a catalogue's page; names say what each asks for."""
    orders = ("NAME", "CREATED_AT", "UPDATED_AT", "NET_SCORE")
    tag, rare = {"tags": {"any": ["task-3"]}}, {"createdAt": {"until": "2026-01-01T01:00:00Z"}}
    pages: dict[str, dict[str, Any]] = {
        **{
            f"page by {order}{suffix}": {
                "orderBy": {"field": order, "direction": "DESC"},
                "filter": filter_,
            }
            for order in orders
            for suffix, filter_ in (("", {}), (", one tag", tag), (", rare", rare))
        },
        "last page by NAME": {"last": 20, "first": None},
        "search, few": {"search": "model-000123"},
        "search, everything": {"search": "model"},
        "search, two characters": {"search": "zq"},
        "contains nothing": {"filter": {"name": {"contains": "qqqq"}}},
        "matches nothing": {"filter": {"name": {"matches": "q+z$"}}},
    }
    counts: dict[str, dict[str, Any]] = {
        "count and facets": {},
        "count and facets, one tag": {"filter": tag},
        "count and facets, unrated": {"filter": {"rated": False}},
        "count and facets, search": {"search": "model"},
    }
    return [
        *(_make_query(name, _LISTING, {"first": 20, **each}) for name, each in pages.items()),
        *(_make_query(name, _COUNTS, each) for name, each in counts.items()),
        *(
            Query(f"{name}, not asked before", _COUNTS, partial(_unique, each))
            for name, each in counts.items()
        ),
    ]


def _make_query(name: str, text: str, variables: dict[str, Any]) -> Query:
    return Query(name, text, lambda _: variables)


def _unique(variables: dict[str, Any], _: int) -> dict[str, Any]:
    """Return variables with a condition that always holds, so that no answer is kept."""
    start = _BEGINNING - timedelta(seconds=next(_numbers))
    always = {"updatedAt": {"from": start.isoformat()}}
    return {**variables, "filter": {**variables.get("filter", {}), **always}}


def _make_models(models: int) -> Iterator[Artifact]:
    random = Random(15)  # noqa: S311 - the same catalogue in each run
    for number in range(models):
        time = _BEGINNING + timedelta(seconds=number)
        updated = time + timedelta(seconds=random.randrange(models))
        fields: dict[str, Any] = {
            "url": f"https://huggingface.co/{_make_word(random)}/model-{number:06}",
            "name": f"{_make_word(random)}/model-{number:06}",
            "description": " ".join(_make_word(random) for _ in range(_DESCRIPTION_WORDS)),
            "license": random.choice(_LICENSES),
            "tags": random.sample(_TAGS, random.randrange(5)),
        }
        if random.random() < _RATED:
            fields["rating"] = make_rating(random.randrange(100_000))
        identity = Identity(
            id=f"01a00000-0000-7000-8000-{number:012}",
            version=1,
            created_at=time,
            updated_at=updated,
            named_at=time,
        )
        new = parse_new_artifact(ArtifactType.MODEL, fields, identity)
        yield make_artifact(new, Stamp(time))


def _make_word(random: Random) -> str:
    return "".join(random.choices(_SYLLABLES, k=random.randrange(2, 4)))
