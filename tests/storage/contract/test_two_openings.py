"""Two openings of one store list the same, with each other's cursors."""

from storage.search.pages import Window
from storage.store import Store
from tests.storage.contract.listed_artifacts import various_artifacts
from tests.storage.samples import DATASET, MODEL, ORDERS, ids, listing, new_artifact
from tests.storage.store_calls import delete, read_all, register, register_one, update


def test_a_walk_goes_on_in_another_opening(store: Store, again: Store) -> None:
    everyone = register(store, *various_artifacts())

    for order in ORDERS:
        wanted = listing(order=order)
        whole = ids(read_all(store, wanted))
        found: list[str] = []
        back: list[str] = []
        after = before = None
        for opening in (store, again) * 4:
            page = opening.page(wanted, Window(5, after=after))
            after = page.end
            found += [entry.artifact.id for entry in page.entries]
            page = opening.page(wanted, Window(5, before=before, from_end=True))
            before = page.start
            back = [*(entry.artifact.id for entry in page.entries), *back]

        assert (order, found) == (order, whole)
        assert (order, back) == (order, whole)
        assert sorted(whole) == sorted(ids(everyone))


def test_an_opening_lists_what_another_wrote(store: Store, again: Store) -> None:
    first = register_one(store, new_artifact(DATASET, "a"))
    assert read_all(again, listing()) == [first]
    assert again.count(listing()) == 1

    second = register_one(again, new_artifact(MODEL, "b", tags=("x",)))
    assert read_all(store, listing(search="b")) == [second]
    assert store.count(listing()) == 2

    second = update(store, second, tags=("y",))
    delete(store, first)
    assert read_all(again, listing()) == [second]
    assert read_all(again, listing(tags_all=("x",))) == []
    assert again.count(listing(tags_all=("y",))) == 1
