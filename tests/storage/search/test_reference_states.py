"""The states of references, as the search index computes them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from storage.artifacts.records import Artifact, Reference, ResolvedTarget
from storage.artifacts.write_rules import Stamp, make_artifact
from storage.search.listing import ReferenceCondition, ReferenceState
from storage.search.writing import write_artifact
from tests.storage.samples import (
    CODE,
    DATASET,
    MODEL,
    START,
    by_id,
    by_name,
    by_url,
    listing,
    new_artifact,
)
from tests.storage.search.small_indexes import find, model, open_index


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(open_index()) as db:
        yield db


def named_dataset(id_: str, name: str, seconds: int) -> Artifact:
    made = make_artifact(
        new_artifact(DATASET, name, url=f"https://example.org/{id_}"), Stamp(START)
    )
    return replace(made, id=id_, named_at=START + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("reference", "stamp", "state"),
    [
        (by_name(DATASET, "SQuAD"), "d2", ReferenceState.RESOLVED),
        (by_name(DATASET, "squad"), None, ReferenceState.RESOLVED),
        (by_name(DATASET, "squad"), "d1", ReferenceState.RETARGETED),
        (by_name(DATASET, "glue"), "d1", ReferenceState.LOST),
        (by_name(DATASET, "glue"), None, ReferenceState.UNRESOLVED),
        (by_name(DATASET, " "), None, ReferenceState.UNRESOLVED),
        (by_name(CODE, "squad"), None, ReferenceState.UNRESOLVED),
        (by_id(DATASET, "d1"), None, ReferenceState.RESOLVED),
        (by_id(CODE, "d1"), "d1", ReferenceState.LOST),
        (by_url(DATASET, "https://example.org/d1"), "d2", ReferenceState.RETARGETED),
        (by_url(DATASET, "https://example.org/D1"), None, ReferenceState.UNRESOLVED),
    ],
)
def test_the_state_of_a_reference_is_what_it_resolves_to_now(
    db: sqlite3.Connection, reference: Reference, stamp: str | None, state: ReferenceState
) -> None:
    """Of the datasets named squad, the one with the larger id had the name first."""
    for id_, name, seconds in (("d1", "squad", 2), ("d2", "SQuAD", 1), ("d3", " ", 0)):
        write_artifact(db, named_dataset(id_, name, seconds))
    stamped = replace(reference, resolved=ResolvedTarget(stamp) if stamp else None)
    write_artifact(db, replace(model("ref", "refers"), references=(stamped,)))

    for each in ReferenceState:
        condition = ReferenceCondition(states=(each,))
        assert find(db, listing(MODEL, references=(condition,))) == (
            ["refers"] if each is state else []
        )
    others = tuple(each for each in ReferenceState if each is not state)
    assert find(db, listing(MODEL, references=(ReferenceCondition(states=others),))) == []
