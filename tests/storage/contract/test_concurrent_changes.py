"""Threads that share a store: each accepted write is one change, and no change is missed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import uuid4

from storage.artifacts.changes import Change
from storage.artifacts.writes import ArtifactPatch, Deleted, OnConflict, Written
from storage.store import Store
from tests.storage.contract.recorded_changes import read_feed, read_history
from tests.storage.contract.threads import run_together
from tests.storage.samples import DATASET, bert, by_name, listing, new_artifact, squad
from tests.storage.store_calls import delete, find_by_name, read_all, register_one, update


def test_a_reader_of_the_feed_sees_each_write_of_several_threads_once(store: Store) -> None:
    shared = register_one(store, squad())
    start = store.feed_cursor()
    done = Event()

    def write(at: int) -> Callable[[], list[Change]]:
        def function() -> list[Change]:
            for n in range(4):
                mine = register_one(store, new_artifact(DATASET, f"d{at} {n}"))
                update(store, shared, license=f"{at} {n}")
                delete(store, mine)
            return []

        return function

    def follow() -> list[Change]:
        found: list[Change] = []
        cursor = start
        while True:
            was_done = done.is_set()
            page = store.read_feed(cursor, 5)
            found += page.changes
            cursor = page.cursor
            if was_done and not page.has_more:
                return found

    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(follow)
        try:
            run_together(*(write(at) for at in range(4)))
        finally:
            done.set()
        found = following.result()

    versions: dict[str, list[int]] = {}
    for change in found:
        versions.setdefault(change.artifact_id, []).append(change.version)
    assert versions.pop(shared.id) == list(range(2, 18))
    assert list(versions.values()) == [[1, 2]] * 16
    assert sorted(found, key=_change_key) == sorted(read_feed(store, start), key=_change_key)


def test_of_a_restoration_and_registrations_of_its_url_one_succeeds(store: Store) -> None:
    before = register_one(store, squad())
    delete(store, before)

    def register_again() -> object:
        (result,) = store.register([squad()], OnConflict.REJECT)
        return result

    results = run_together(
        lambda: store.restore(before.id),
        *[register_again] * 3,
        lambda: store.restore(before.id),
    )

    (winner,) = [result.artifact for result in results if isinstance(result, Written)]
    assert read_all(store, listing()) == [winner]
    assert find_by_name(store, DATASET, "squad") == winner
    deleted = [each.artifact.id for each in store.scan_deleted()]
    assert deleted == ([] if winner.id == before.id else [before.id])


def test_versions_have_no_gaps_if_threads_delete_and_restore(store: Store) -> None:
    model = register_one(store, bert(by_name(DATASET, "squad")))

    def act(write: Callable[[], object]) -> Callable[[], int]:
        return lambda: sum(isinstance(write(), Written | Deleted) for _ in range(4))

    accepted = run_together(
        act(lambda: store.delete(model.id, None)),
        act(lambda: store.restore(model.id)),
        act(lambda: store.delete(model.id, None)),
        act(lambda: store.restore(model.id)),
        act(lambda: store.update(model.id, None, ArtifactPatch(license=uuid4().hex))),
    )

    changes = read_feed(store)
    assert [change.version for change in changes] == list(range(1, 2 + sum(accepted)))
    assert read_history(store, model.id, len(changes)) == changes[::-1]


def _change_key(change: Change) -> tuple[str, int]:
    return change.artifact_id, change.version
