"""Restoring deleted artifacts."""

from dataclasses import replace

import pytest

from storage.artifacts.writes import ArtifactPatch, Deleted, OnConflict, WriteErrorCode
from storage.store import Store
from tests.storage.contract.recorded_changes import ManualClock, read_steps
from tests.storage.samples import (
    ALICE,
    BOB,
    CODE,
    DATASET,
    MODEL,
    UNKNOWN_ID,
    bert,
    by_id,
    by_name,
    by_url,
    full_model,
    listing,
    new_artifact,
    squad,
)
from tests.storage.store_calls import (
    delete,
    expect_error,
    find_by_name,
    find_by_url,
    links,
    read,
    read_all,
    read_reverse_links,
    register,
    register_one,
    restore,
    update,
)


def test_a_restored_artifact_is_as_it_was(timed_store: Store, clock: ManualClock) -> None:
    before = update(timed_store, register_one(timed_store, full_model(), ALICE), license="x")
    delete(timed_store, before)
    clock.advance(hours=1)

    after = restore(timed_store, before.id, BOB)

    assert after == replace(
        before, version=4, updated_at=clock.now, updated_by=BOB.by, named_at=after.named_at
    )
    assert read(timed_store, before.id) == after
    assert find_by_url(timed_store, MODEL, before.url) == after
    assert find_by_name(timed_store, MODEL, "bert") == after
    assert read_all(timed_store, listing()) == [after]
    assert [deleted.artifact.id for deleted in timed_store.scan_deleted()] == []


def test_a_restored_artifact_is_linked_again_from_both_sides(store: Store) -> None:
    target = register_one(store, squad())
    model = register_one(
        store, bert(by_name(DATASET, "squad"), by_url(DATASET, target.url), by_id(CODE, "none"))
    )
    delete(store, model)
    delete(store, target)

    restore(store, model.id)
    assert links(store, model) == [None, None, None]
    target = restore(store, target.id)
    assert links(store, model) == [target.id, target.id, None]
    assert read_reverse_links(store, target) == [model.id]


def test_an_artifact_whose_url_was_taken_is_not_restored(store: Store) -> None:
    before = register_one(store, squad())
    delete(store, before)
    taker = register_one(store, new_artifact(DATASET, "taker", url=before.url))
    cursor = store.feed_cursor()

    error = expect_error(store.restore(before.id), WriteErrorCode.ALREADY_EXISTS)

    assert error.artifact == taker
    assert store.get([before.id]) == {}
    assert store.read_feed(cursor, 10).changes == ()
    delete(store, taker)
    assert restore(store, before.id).version == 3


def test_a_url_that_was_taken_and_left_is_free_for_a_restoration(store: Store) -> None:
    before = register_one(store, squad())
    delete(store, before)
    taker = register_one(store, new_artifact(DATASET, "taker", url=before.url))
    moved = update(store, taker, url="https://example.org/elsewhere")

    after = restore(store, before.id)

    assert find_by_url(store, DATASET, before.url) == after
    assert find_by_url(store, DATASET, moved.url) == moved


def test_a_restored_artifact_takes_its_name_anew(store: Store) -> None:
    first, second = register(
        store, squad(), new_artifact(DATASET, "SQuAD", url="https://example.org/2")
    )
    model = register_one(store, bert(by_name(DATASET, "squad")))
    delete(store, first)
    assert links(store, model) == [second.id]

    restored = restore(store, first.id)

    assert restored.named_at > second.named_at
    assert links(store, model) == [second.id]
    delete(store, second)
    assert links(store, model) == [restored.id]


@pytest.mark.parametrize("times", [1, 3])
def test_an_artifact_can_be_deleted_and_restored_again_and_again(
    store: Store, times: int
) -> None:
    made = register_one(store, squad())
    for _ in range(times):
        gone = delete(store, made)
        assert gone == Deleted(id=made.id, artifact=made)
        made = restore(store, made.id)

    assert made.version == 1 + 2 * times
    assert read_steps(store, made)[0] == (made.version, "RESTORED")
    assert len(read_steps(store, made)) == made.version
    assert update(store, made, license="mit").version == made.version + 1


def test_only_what_was_deleted_can_be_restored(store: Store) -> None:
    made = register_one(store, squad())
    for id_ in (made.id, UNKNOWN_ID, "", "deleted#x", f"change#{made.id}#1", "x" * 4_000):
        assert expect_error(store.restore(id_), WriteErrorCode.NOT_FOUND).field == ("id",)
    delete(store, made)
    restore(store, made.id)
    expect_error(store.restore(made.id), WriteErrorCode.NOT_FOUND)
    assert read(store, made.id).version == 3


def test_a_deleted_artifact_is_nowhere_but_among_the_deleted(store: Store) -> None:
    made = register_one(store, full_model())
    delete(store, made)

    assert store.get([made.id]) == {}
    assert find_by_url(store, MODEL, made.url) is None
    assert find_by_name(store, MODEL, "bert") is None
    assert read_all(store, listing()) == []
    assert list(store.scan()) == []
    (deleted,) = store.scan_deleted()
    assert deleted.artifact == replace(made, version=2)
    assert deleted.deleted_at > made.updated_at
    expect_error(store.delete(made.id, None), WriteErrorCode.NOT_FOUND)
    patched = store.update(made.id, None, ArtifactPatch(license="x"))
    expect_error(patched, WriteErrorCode.NOT_FOUND)


def test_after_a_reset_nothing_can_be_restored(store: Store) -> None:
    made = register_one(store, squad())
    delete(store, made)

    sum(store.reset())

    expect_error(store.restore(made.id), WriteErrorCode.NOT_FOUND)
    assert list(store.scan_deleted()) == []
    (again,) = register(store, squad(), on_conflict=OnConflict.REJECT)
    assert again.version == 1


def test_a_model_with_ninety_references_can_be_restored(store: Store) -> None:
    target = register_one(store, new_artifact(DATASET, "d7"))
    references = (by_name(DATASET, f"d{n}") for n in range(90))
    model = register_one(store, new_artifact(MODEL, "m", *references))
    delete(store, model)
    assert read_reverse_links(store, target) == []

    after = restore(store, model.id)

    assert after.references == model.references
    assert read_reverse_links(store, target) == [model.id]


def test_a_deletion_tells_who_takes_the_name_over(store: Store) -> None:
    first, second = register(
        store, squad(), new_artifact(DATASET, " SQuAD", url="https://example.org/2")
    )
    assert store.find_successor(first) == second
    assert store.find_successor(second) is None

    assert delete(store, first) == Deleted(id=first.id, artifact=first, successor=second)
    assert store.find_successor(second) is None
    assert delete(store, second) == Deleted(id=second.id, artifact=second)
