"""A reset leaves nothing, and can be interrupted and repeated."""

from storage.artifacts.writes import WriteErrorCode
from storage.change_queries import HistoryPage, HistoryQuery
from storage.inconsistencies import UNFINISHED_RESET
from storage.store import Store
from tests.storage.contract.recorded_changes import read_feed, read_recent, summarise
from tests.storage.samples import (
    ALL_TYPES,
    DATASET,
    MODEL,
    bert,
    by_name,
    listing,
    new_artifact,
    squad,
)
from tests.storage.store_calls import (
    delete,
    expect_error,
    find_by_name,
    find_by_url,
    read_all,
    read_reverse_links,
    register,
    register_one,
    update,
)


def _fill(store: Store) -> list[str]:
    """Write artifacts of all types, some of which are changed or deleted; return all ids."""
    drafts = [
        new_artifact(
            ALL_TYPES[n % 3],
            f"name {n % 4}",
            *([by_name(DATASET, "name 1")] if n % 3 == 0 else []),
            url=f"https://example.org/{n}",
        )
        for n in range(60)
    ]
    made = register(store, *drafts)
    for artifact in made[:10]:
        update(store, artifact, license="mit", name="renamed")
    for artifact in made[5:15]:
        delete(store, artifact)
    return [artifact.id for artifact in made]


def test_a_reset_leaves_nothing(store: Store) -> None:
    ids = _fill(store)

    assert sum(store.reset()) == 50

    assert store.get(ids) == {}
    assert list(store.scan()) == []
    assert list(store.scan_deleted()) == []
    assert read_all(store, listing()) == []
    assert store.count(listing()) == 0
    assert read_feed(store) == read_recent(store) == []
    queries = [HistoryQuery(id_, version, 10) for id_ in ids for version in (1, 2, 3)]
    assert store.read_history(queries) == [HistoryPage((), False)] * len(queries)
    for id_ in ids:
        expect_error(store.restore(id_), WriteErrorCode.NOT_FOUND)
    assert find_by_name(store, DATASET, "name 1") is None
    assert find_by_url(store, DATASET, "https://example.org/1") is None


def test_a_store_can_be_used_after_a_reset_as_before(store: Store) -> None:
    for _ in range(2):
        target, model = register(store, squad(), bert(by_name(DATASET, "squad")))
        assert find_by_name(store, DATASET, "squad") == target
        assert read_reverse_links(store, target) == [model.id]
        update(store, target, license="mit")
        assert sorted(summarise(read_feed(store))) == [
            ("bert", 1, "REGISTERED"),
            ("squad", 1, "REGISTERED"),
            ("squad", 2, "UPDATED"),
        ]
        assert sum(store.reset()) == 2


def test_an_interrupted_reset_leaves_a_consistent_store_and_can_be_repeated(
    store: Store,
) -> None:
    for start in range(0, 300, 100):
        register(store, *(new_artifact(MODEL, f"m{n}") for n in range(start, start + 100)))
    reset = store.reset()
    deleted = next(reset)
    del reset

    assert [each.message for each in store.check()] == [UNFINISHED_RESET]
    left = list(store.scan())
    assert len(left) <= 300 - deleted
    for artifact in left[:3]:
        assert find_by_url(store, MODEL, artifact.url) == artifact
    kept = register_one(store, squad())
    assert find_by_name(store, DATASET, "squad") == kept
    assert sum(store.reset()) == len(left) + 1
    assert read_feed(store) == []
