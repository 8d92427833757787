"""The feed: each accepted write once, in the order of commits; and cursors in it."""

import pytest

from storage.artifacts.changes import ChangeKind
from storage.artifacts.records import ArtifactType
from storage.artifacts.writes import OnConflict
from storage.change_queries import MAX_FEED_ENTRIES, ChangeFilter
from storage.store import Store
from tests.storage.contract.recorded_changes import (
    ManualClock,
    read_feed,
    read_history,
    read_recent,
    summarise,
)
from tests.storage.samples import (
    ALICE,
    DATASET,
    MODEL,
    UNKNOWN_ID,
    bert,
    new_artifact,
    rating,
    squad,
)
from tests.storage.store_calls import delete, register, register_one, restore, update


def _write_some(store: Store) -> None:
    """Make ten changes to three artifacts, one after the other."""
    model = register_one(store, bert(), ALICE)
    dataset = register_one(store, squad())
    model = update(store, model, rating=rating())
    dataset = update(store, dataset, license="mit")
    other = register_one(store, new_artifact(MODEL, "gpt"))
    delete(store, model)
    delete(store, other)
    restore(store, model.id)
    dataset = update(store, dataset, name="SQuAD")
    delete(store, dataset)


WRITTEN = [
    ("bert", 1, "REGISTERED"),
    ("squad", 1, "REGISTERED"),
    ("bert", 2, "RATED"),
    ("squad", 2, "UPDATED"),
    ("gpt", 1, "REGISTERED"),
    ("bert", 3, "DELETED"),
    ("gpt", 2, "DELETED"),
    ("bert", 4, "RESTORED"),
    ("SQuAD", 3, "UPDATED"),
    ("SQuAD", 4, "DELETED"),
]


def _by_artifact(changes: list[tuple[str, int, str]]) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = {}
    for name, version, kind in changes:
        found.setdefault(name.lower(), []).append((version, kind))
    return found


@pytest.mark.parametrize("first", [1, 4, 10, 100])
def test_the_feed_has_each_write_once_in_the_order_of_versions(
    store: Store, first: int
) -> None:
    assert read_feed(store) == []
    _write_some(store)

    found = summarise(read_feed(store, first=first))

    assert sorted(found) == sorted(WRITTEN)
    assert _by_artifact(found) == _by_artifact(WRITTEN)


def test_changes_in_the_feed_are_those_of_the_history(store: Store) -> None:
    model = register_one(store, bert(), ALICE)
    model = update(store, model, ALICE, rating=rating())
    delete(store, model)

    assert read_feed(store) == read_history(store, model.id, 3)[::-1]


def test_changes_of_one_artifact_are_in_the_order_of_versions_whatever_the_clock_says(
    timed_store: Store, clock: ManualClock
) -> None:
    made = register_one(timed_store, squad())
    for n in range(20):
        clock.advance(hours=-1)
        made = update(timed_store, made, license=f"{n}")

    assert [c.version for c in read_feed(timed_store)] == list(range(1, 22))
    assert [c.version for c in read_recent(timed_store)] == list(range(21, 0, -1))


def test_the_feed_begins_with_the_first_change_whatever_the_clock_says(
    timed_store: Store, clock: ManualClock
) -> None:
    for n in range(12):
        register_one(timed_store, new_artifact(DATASET, f"d{n:02}"))
        clock.advance(hours=-1)

    assert sorted(c.name for c in read_feed(timed_store)) == [f"d{n:02}" for n in range(12)]
    assert sorted(c.name for c in read_recent(timed_store)) == [f"d{n:02}" for n in range(12)]


def test_a_feed_continues_after_any_of_its_cursors(store: Store) -> None:
    _write_some(store)
    page = store.read_feed(None, 100)
    assert not page.has_more

    for at, cursor in enumerate(page.cursors):
        rest = store.read_feed(cursor, 100)
        assert rest.changes == page.changes[at + 1 :]
    assert store.read_feed(page.cursor, 100).changes == ()

    register_one(store, new_artifact(DATASET, "glue"))
    for cursor in (page.cursor, page.cursors[-1]):
        assert summarise(read_feed(store, cursor)) == [("glue", 1, "REGISTERED")]


def test_the_cursor_of_the_feed_is_after_the_newest_change(store: Store) -> None:
    start = store.feed_cursor()
    _write_some(store)
    cursor = store.feed_cursor()

    assert store.read_feed(cursor, 10).changes == ()
    assert sorted(summarise(read_feed(store, start))) == sorted(WRITTEN)
    register_one(store, new_artifact(DATASET, "glue"))
    assert summarise(read_feed(store, cursor)) == [("glue", 1, "REGISTERED")]


@pytest.mark.parametrize(
    ("filter_", "kept"),
    [
        (ChangeFilter(types=frozenset({DATASET})), "SQuAD"),
        (
            ChangeFilter(kinds=frozenset({ChangeKind.DELETED, ChangeKind.RATED})),
            "DELETED RATED",
        ),
        (ChangeFilter(types=frozenset({MODEL}), kinds=frozenset({ChangeKind.UPDATED})), ""),
        (ChangeFilter(types=frozenset()), ""),
        (ChangeFilter(types=frozenset(ArtifactType)), "E"),
    ],
    ids=["type", "kinds", "both", "no type", "all types"],
)
def test_a_filtered_feed_has_the_matching_changes(
    store: Store, filter_: ChangeFilter, kept: str
) -> None:
    _write_some(store)

    expected = [
        entry
        for entry in WRITTEN
        if any(word.lower() in " ".join(map(str, entry)).lower() for word in kept.split())
    ]
    assert sorted(summarise(read_feed(store, None, 2, filter_))) == sorted(expected)
    assert sorted(summarise(read_recent(store, 2, filter_))) == sorted(expected)


def test_a_feed_can_be_filtered_by_artifact(store: Store) -> None:
    _write_some(store)
    (dataset,) = {c.artifact_id for c in read_feed(store) if c.type is DATASET}

    found = read_feed(
        store, filter_=ChangeFilter(artifact_ids=frozenset({dataset, UNKNOWN_ID}))
    )

    assert [change.version for change in found] == [1, 2, 3, 4]


@pytest.mark.slow
def test_a_page_looks_at_a_bounded_number_of_changes(store: Store) -> None:
    count = MAX_FEED_ENTRIES + 20
    for start in range(0, count, 100):
        stop = min(start + 100, count)
        register(store, *(new_artifact(DATASET, f"d{n}") for n in range(start, stop)))
    last = register_one(store, bert())
    models = ChangeFilter(types=frozenset({MODEL}))

    page = store.read_feed(None, 10, models)

    assert page.changes == () or not page.has_more
    assert page.has_more == (page.changes == ())
    assert [c.artifact_id for c in read_feed(store, first=10, filter_=models)] == [last.id]
    assert len(read_feed(store, first=1_000)) == count + 1
    assert [c.artifact_id for c in read_recent(store, 10, models)] == [last.id]


def test_a_batch_has_a_change_for_each_artifact(store: Store) -> None:
    drafts = [new_artifact(DATASET, f"d{n}") for n in range(40)]
    register(store, *drafts[:10])

    store.register([*drafts, *drafts], OnConflict.UPDATE, ALICE)
    store.register(drafts, OnConflict.REJECT, ALICE)

    found = summarise(read_feed(store, first=7))
    assert sorted(found) == sorted((d.name, 1, "REGISTERED") for d in drafts)
