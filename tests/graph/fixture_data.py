"""Registry data with every case that a request can meet, and values for its arguments."""

import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from graphql import build_schema

from graph.schema.build import create_schema
from storage.artifacts.records import ArtifactType, Reference
from storage.artifacts.writes import ArtifactPatch, Identity, NewArtifact, OnConflict
from storage.store import Store
from tests.storage.samples import (
    ALICE,
    BOB,
    CODE,
    DATASET,
    MODEL,
    START,
    UNKNOWN_ID,
    by_id,
    by_name,
    by_url,
    new_artifact,
    rating,
    url_for,
)

SCHEMA = build_schema(create_schema().as_str())
"""The schema as clients know it, from which documents are drawn."""
IDS = [*(f"m{n}" for n in range(8)), "d0", "d1", "d2", "d3", "c0", "c1"]
NAMES = ["model 0", "Books", "books", "web", "trainer", "ünï", "nobody", " "]
_REGISTERED_URLS = [
    url_for(MODEL, "model 1"),
    url_for(DATASET, "web"),
    url_for(CODE, "trainer"),
]
URLS = [*_REGISTERED_URLS, *(f"https://example.org/new/{n}" for n in range(4)), "nowhere"]
VALUES: dict[str, Sequence[Any]] = {
    "id: ID": [*IDS, *IDS, UNKNOWN_ID, "#"],
    "ids: ID": [*IDS, *IDS, UNKNOWN_ID, "#"],
    "after: String": ["gibberish", ""],
    "before: String": ["gibberish"],
    "first: Int": [1, 2, 3, 20, 100, 0, 101],
    "last: Int": [1, 2, 100, 0],
    "search: String": ["model", "books", "o", "Ünï tra", " ", "x" * 201],
    "depth: Int": [1, 2, 3, 0],
    "tags: String": ["nlp", "new", "x" * 300],
    "license: String": ["MIT", "none"],
    "matches: String": ["^m", "("],
    "expectedVersion: Int": [1, 2],
    "confirm: String": ["registry.db", "another"],
    "key: String": ["framework", "none"],
    "value: String": ["jax", "x" * 2_000],
    "revision: String": ["v1", ""],
    "String": NAMES,
    "ID": IDS,
    "URL": URLS,
    "Int": [1, 2],
    "Float": [0.5, -1.0, 1],
    "Boolean": [True, False],
    "DateTime": ["2025-01-03T00:00:00Z", "0001-01-01T00:00:00+14:00"],
}


def fill(store: Store) -> None:
    """Register artifacts with equal names, cycles, and references of each kind, some broken.

    Some are changed afterwards, one is deleted, and the owner of a name is renamed.
    """
    datasets_and_code = [
        _new_artifact("d0", DATASET, "Books"),
        _new_artifact("d1", DATASET, "books"),
        _new_artifact("d2", DATASET, "web", download_url="https://example.org/web.tar"),
        _new_artifact("d3", DATASET, "lost", description="It is deleted."),
        _new_artifact("c0", CODE, "trainer", license="MIT"),
        _new_artifact("c1", CODE, "ünï", tags=("nlp", "nlp2")),
    ]
    models = [
        _new_artifact(f"m{n}", MODEL, f"model {n}", *references, **_model_fields(n))
        for n, references in enumerate(_REFERENCES)
    ]
    store.register([*datasets_and_code, *models], OnConflict.REJECT, ALICE)
    store.update("m4", MODEL, ArtifactPatch(license="Apache-2.0"), attribution=ALICE)
    store.update("m4", MODEL, ArtifactPatch(rating=rating(0.9)), attribution=BOB)
    store.update("d0", DATASET, ArtifactPatch(name="Old books"), attribution=BOB)
    store.update("d2", DATASET, ArtifactPatch(tags=("new",)))
    store.delete("d3", DATASET, attribution=BOB)


_REFERENCES: list[tuple[Reference, ...]] = [
    (
        by_name(DATASET, "BOOKS ", role="TRAINED_ON", revision="v1.1"),
        by_url(CODE, url_for(CODE, "trainer"), role="TRAINING"),
    ),
    (by_id(DATASET, "d2"), by_id(DATASET, "d3"), by_id(CODE, "c1"), by_id(MODEL, "m0")),
    (by_name(DATASET, "nobody"), by_name(DATASET, "web"), by_name(MODEL, "model 3")),
    (by_id(DATASET, "c0"), by_id(MODEL, "m2"), by_id(MODEL, "m1")),
    (),
    (by_name(DATASET, "nobody"), by_name(CODE, "nobody"), by_name(MODEL, "nobody")),
    (by_id(DATASET, "d0"), by_name(DATASET, "books"), by_id(MODEL, "m6")),
    (
        by_url(DATASET, url_for(DATASET, "web")),
        by_name(DATASET, "web", role="EVALUATED_ON"),
        by_name(CODE, "TRAINER"),
        by_id(MODEL, "m0"),
    ),
]


def _model_fields(number: int) -> dict[str, Any]:
    tags = ("nlp",) if number % 2 else ()
    return {
        "rated": number / 10 if number % 3 else None,
        "license": "MIT",
        "tags": tags,
        "properties": (("framework", "jax"), ("steps", f"{number}000"))[: number % 3],
    }


def _new_artifact(
    id_: str, artifact_type: ArtifactType, name: str, *references: Reference, **fields: Any
) -> NewArtifact:
    at = START + timedelta(days=IDS.index(id_))
    identity = Identity(
        id=id_,
        version=1,
        created_at=at,
        updated_at=at,
        named_at=at,
        created_by=ALICE.by if id_ in ("m0", "d0") else None,
    )
    url = url_for(artifact_type, f"{name} {id_}" if name == "books" else name)
    return new_artifact(artifact_type, name, *references, url=url, identity=identity, **fields)


def corrupt_ratings(path: Path) -> None:
    """Replace ratings in a SQLite file with text that is no rating."""
    database = sqlite3.connect(path)
    with database:
        database.execute("UPDATE artifact SET rating = 'none' WHERE id IN ('m1', 'm5')")
    database.close()
