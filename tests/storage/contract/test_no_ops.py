"""Writes that change nothing are no changes."""

import pytest

from storage.artifacts.inputs import parse_new_artifact
from storage.artifacts.writes import (
    ArtifactPatch,
    NewArtifact,
    OnConflict,
    WriteOutcome,
    Written,
)
from storage.store import Store
from tests.storage.contract.recorded_changes import ManualClock, read_feed, read_steps
from tests.storage.samples import (
    ALICE,
    BOB,
    CODE,
    DATASET,
    MODEL,
    bert,
    by_name,
    by_url,
    full_model,
    new_artifact,
    rating,
    squad,
)
from tests.storage.store_calls import (
    expect_written,
    read,
    read_reverse_links,
    register_one,
    update,
)


@pytest.mark.parametrize(
    "patch",
    [
        ArtifactPatch(),
        ArtifactPatch(license="mit"),
        ArtifactPatch(rating=rating(0.5)),
        full_model().changes,
    ],
    ids=["empty", "license", "rating", "all"],
)
def test_an_update_with_what_is_there_already_changes_nothing(
    timed_store: Store, clock: ManualClock, patch: ArtifactPatch
) -> None:
    before = register_one(timed_store, full_model(), ALICE)
    cursor = timed_store.feed_cursor()
    clock.advance(days=1)

    result = timed_store.update(before.id, MODEL, patch, 1, BOB)

    assert expect_written(result, WriteOutcome.UNCHANGED) == before
    assert read(timed_store, before.id) == before
    assert read_feed(timed_store, cursor) == []
    assert read_steps(timed_store, before) == [(1, "REGISTERED")]


def test_registering_what_is_there_already_changes_nothing(store: Store) -> None:
    before = register_one(store, full_model(), ALICE)
    cursor = store.feed_cursor()

    for _ in range(2):
        (result,) = store.register([full_model()], OnConflict.UPDATE, BOB)
        assert expect_written(result, WriteOutcome.UNCHANGED) == before

    assert read(store, before.id) == before
    assert read_feed(store, cursor) == []


def test_an_update_after_one_that_changed_nothing_has_the_next_version(store: Store) -> None:
    before = register_one(store, squad())
    store.update(before.id, None, ArtifactPatch(name="squad"))

    assert update(store, before, name="SQuAD").version == 2


def test_the_order_of_tags_and_of_references_matters(store: Store) -> None:
    a, b = by_name(DATASET, "a"), by_name(DATASET, "b")
    model = register_one(store, new_artifact(MODEL, "m", a, b, tags=("x", "y")))

    assert update(store, model, tags=("y", "x")).tags == ("y", "x")
    assert update(store, model, datasets=(b, a)).references == (b, a)


def _with_duplicates() -> NewArtifact:
    references = [{"name": "SQuAD"}, {"name": "squad", "revision": "v2"}, {"name": " squad"}]
    fields = {"url": "https://example.org/m", "datasets": references, "codes": []}
    return parse_new_artifact(MODEL, fields)


def test_duplicates_among_references_are_one(store: Store) -> None:
    target = register_one(store, squad())
    model = register_one(store, _with_duplicates())

    assert model.references == (by_name(DATASET, "SQuAD"),)
    assert read_reverse_links(store, target) == [model.id]
    (again,) = store.register([_with_duplicates()], OnConflict.UPDATE)
    assert expect_written(again, WriteOutcome.UNCHANGED) == model


def test_an_artifact_that_two_references_mean_is_linked_once(store: Store) -> None:
    code = register_one(store, new_artifact(CODE, "trainer"))
    model = register_one(
        store, new_artifact(MODEL, "m", by_name(CODE, "trainer"), by_url(CODE, code.url))
    )

    assert read_reverse_links(store, code) == [model.id]
    fewer = update(store, model, codes=(by_url(CODE, code.url),))
    assert read_reverse_links(store, code) == [model.id]
    update(store, fewer, codes=())
    assert read_reverse_links(store, code) == []


def test_minus_zero_is_the_score_zero(store: Store) -> None:
    rated = update(store, register_one(store, bert()), rating=rating(-0.0))

    again = store.update(rated.id, None, {"rating": rating(0.0)})

    assert again == Written(artifact=rated, outcome=WriteOutcome.UNCHANGED)
