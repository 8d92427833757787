"""A registry with every kind of write, and short forms of its export and import."""

from collections.abc import Iterable
from typing import Any

import orjson

from storage.artifacts.changes import Attribution
from storage.artifacts.records import Actor
from storage.artifacts.writes import Identity, OnConflict
from storage.store import Store
from storage.transfer.export import export_lines
from storage.transfer.importing import RejectedLine, Summary, import_lines
from tests.storage.samples import (
    ALICE,
    BOB,
    CODE,
    DATASET,
    MODEL,
    START,
    by_id,
    by_name,
    by_url,
    full_model,
    new_artifact,
    rating,
    squad,
)
from tests.storage.store_calls import delete, register, register_one, restore, update

LIVE, DELETED = 10, 2
"""The numbers of artifacts that `write_everything` leaves."""


def write_everything(store: Store) -> None:
    """Namesakes, successions, renames, ratings, deletions, restorations and their callers."""
    first, second, third, glue = register(
        store,
        squad(url="https://x.org/1"),
        squad(url="https://x.org/2", tags=("b", "a"), license="mit"),
        new_artifact(
            DATASET, "SQuAD", url="https://x.org/3", download_url="https://x.org/3.zip"
        ),
        new_artifact(DATASET, "glue"),
        attribution=ALICE,
    )
    register_one(store, full_model(), ALICE)
    targets = by_id(DATASET, second.id), by_url(DATASET, glue.url), by_name(DATASET, " SQUAD ")
    model = register_one(
        store, new_artifact(MODEL, "BERT", *targets, by_name(CODE, "none")), BOB
    )
    roberta = register_one(
        store, new_artifact(MODEL, "roberta", by_name(MODEL, "bERT"), rated=-1.0)
    )
    register(store, new_artifact(CODE, "Straße\x00👩🏽‍💻", description="a\nb"))
    first = update(store, first, name="elsewhere")
    update(store, first, BOB, name="squad")
    update(store, glue, name="squad")
    delete(store, second, ALICE)
    restore(store, second.id, BOB)
    update(store, model, tags=("x",), properties=(("a", ""), ("b", "1")))
    update(store, roberta, ALICE, rating=rating(0.25))
    delete(store, third, Attribution(Actor("carol"), None))
    delete(store, roberta)
    kept = Identity(id="old", version=9, created_at=START, updated_at=START, named_at=START)
    register(store, new_artifact(DATASET, "squad", url="https://x.org/old", identity=kept))
    register(store, new_artifact(CODE, "trainer"))
    moved = register_one(store, new_artifact(DATASET, "moved"))
    register(store, new_artifact(MODEL, "first", by_url(DATASET, "https://x.org/moved")))
    update(store, moved, url="https://x.org/moved")


def export(store: Store) -> list[bytes]:
    return list(export_lines(store))


def parse(lines: Iterable[bytes]) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in lines]


def to_lines(*fields: dict[str, Any]) -> list[bytes]:
    return [orjson.dumps(each) for each in fields]


def import_all(
    store: Store, lines: Iterable[bytes], on_conflict: OnConflict = OnConflict.REJECT
) -> tuple[Summary, list[tuple[int, str, str, str]]]:
    """Import lines; return the summary, and number, reason, field and message of rejections."""
    rejects: list[RejectedLine] = []
    summary = import_lines(store, lines, on_conflict, rejects.append)
    return summary, [(r.line, r.reason, ".".join(r.field), r.message) for r in rejects]
