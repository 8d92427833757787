"""Batches of drafts with one url, and of namesakes."""

from itertools import pairwise

import pytest

from storage.artifacts.writes import (
    Identity,
    NewArtifact,
    OnConflict,
    WriteErrorCode,
    WriteOutcome,
    Written,
)
from storage.store import Store
from tests.storage.contract.recorded_changes import read_feed, read_steps, summarise
from tests.storage.samples import (
    ALL_TYPES,
    DATASET,
    MODEL,
    START,
    by_name,
    ids,
    listing,
    new_artifact,
    squad,
)
from tests.storage.store_calls import (
    delete,
    expect_error,
    expect_written,
    find_by_name,
    read_all,
    register,
    register_one,
)


def _copies(count: int, license_: str = "{}") -> list[NewArtifact]:
    return [squad(license=license_.format(n)) for n in range(count)]


@pytest.mark.parametrize("exists", [False, True])
def test_of_a_hundred_drafts_with_one_url_one_is_registered(store: Store, exists: bool) -> None:
    first = register_one(store, squad()) if exists else None

    results = store.register(_copies(100), OnConflict.REJECT)

    if first is None:
        first = expect_written(results[0], WriteOutcome.CREATED)
        assert first.license == "0"
    for result in results[0 if exists else 1 :]:
        error = expect_error(result, WriteErrorCode.ALREADY_EXISTS)
        assert (error.field, error.artifact) == (("input", "url"), first)
    assert read_all(store, listing()) == [first]
    assert len(read_feed(store)) == 1


@pytest.mark.parametrize("exists", [False, True])
def test_a_hundred_drafts_with_one_url_update_it_in_their_order(
    store: Store, exists: bool
) -> None:
    before = [register_one(store, squad())] if exists else []

    results = store.register(_copies(100), OnConflict.UPDATE)

    written = [result for result in results if isinstance(result, Written)]
    outcomes = [WriteOutcome.UPDATED if exists else WriteOutcome.CREATED]
    assert [each.outcome for each in written] == outcomes + [WriteOutcome.UPDATED] * 99
    assert [each.artifact.license for each in written] == [f"{n}" for n in range(100)]
    versions = range(1 + len(before), 101 + len(before))
    assert [each.artifact.version for each in written] == list(versions)
    assert read_all(store, listing()) == [written[-1].artifact]
    assert [c.version for c in read_feed(store, first=50)] == list(range(1, versions.stop))
    assert len(read_steps(store, written[-1].artifact)) == versions.stop - 1


def test_a_hundred_equal_drafts_are_one_change(store: Store) -> None:
    results = store.register(_copies(100, "mit"), OnConflict.UPDATE)

    first = expect_written(results[0], WriteOutcome.CREATED)
    assert [expect_written(each, WriteOutcome.UNCHANGED) for each in results[1:]] == (
        [first] * 99
    )
    assert summarise(read_feed(store)) == [("squad", 1, "REGISTERED")]


def test_drafts_with_one_url_and_other_types_are_independent(store: Store) -> None:
    drafts = [new_artifact(t, "x", url="https://example.org/x") for t in ALL_TYPES * 20]

    results = store.register(drafts, OnConflict.REJECT)

    assert [isinstance(each, Written) for each in results] == [True] * 3 + [False] * 57


def test_a_draft_after_a_rejected_one_with_its_url_is_registered(store: Store) -> None:
    taken = Identity(id="taken", version=1, created_at=START, updated_at=START, named_at=START)
    register_one(store, new_artifact(MODEL, "m", identity=taken))
    drafts = [squad(license="x" * 150_000), squad(identity=taken), squad(), squad()]

    too_large, id_taken, made, again = store.register(drafts, OnConflict.REJECT)

    assert expect_error(too_large, WriteErrorCode.TOO_MANY).field == ("input",)
    assert expect_error(id_taken, WriteErrorCode.ALREADY_EXISTS).field == ("input", "id")
    artifact = expect_written(made, WriteOutcome.CREATED)
    assert expect_error(again, WriteErrorCode.ALREADY_EXISTS).artifact == artifact


def test_updates_in_a_batch_can_rename_and_relink(store: Store) -> None:
    url = "https://example.org/m"
    drafts = [
        new_artifact(MODEL, "a", by_name(DATASET, "x"), url=url),
        new_artifact(MODEL, "a", url="https://example.org/other"),
        new_artifact(MODEL, "b", by_name(DATASET, "y"), url=url),
        new_artifact(MODEL, "a", by_name(DATASET, "x"), by_name(DATASET, "y"), url=url),
        new_artifact(MODEL, "b", url="https://example.org/third"),
    ]

    results = store.register(drafts, OnConflict.UPDATE)

    written = [each.artifact for each in results if isinstance(each, Written)]
    first, other, _, last, third = written
    assert (first.id, first.version, last.id, last.version) == (last.id, 1, first.id, 3)
    assert find_by_name(store, MODEL, "a") == other
    assert find_by_name(store, MODEL, "b") == third
    delete(store, other)
    assert find_by_name(store, MODEL, "a") == last


def _namesakes(start: int, count: int) -> list[NewArtifact]:
    return [
        new_artifact(DATASET, ("squad", " SQuAD")[n % 2], url=f"https://example.org/{n}")
        for n in range(start, start + count)
    ]


def test_namesakes_of_a_batch_have_the_name_in_their_order(store: Store) -> None:
    made = register(store, *_namesakes(0, 100))

    times = [artifact.named_at for artifact in made]
    assert times == sorted(set(times))
    assert ids(list(store.scan())) == ids(made)
    for artifact, successor in pairwise(made[:4]):
        assert find_by_name(store, DATASET, "squad") == artifact
        assert delete(store, artifact).successor == successor


@pytest.mark.slow
def test_a_thousand_namesakes_have_the_name_in_their_order(store: Store) -> None:
    made = [
        artifact
        for start in range(0, 1_000, 100)
        for artifact in register(store, *_namesakes(start, 100))
    ]

    assert ids(list(store.scan())) == ids(made)
    assert find_by_name(store, DATASET, "squad") == made[0]
    assert len(read_feed(store, first=100)) == 1_000
    assert sum(store.reset()) == 1_000
    register(store, *_namesakes(0, 10))
