"""Deleting and resetting, and artifacts of the greatest size."""

from storage.artifacts.writes import Deleted, WriteErrorCode
from storage.store import Store
from tests.storage.samples import (
    ALL_TYPES,
    CODE,
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


def test_deleting_frees_the_url_and_the_name(store: Store) -> None:
    before = register_one(store, squad())

    gone = delete(store, before)
    again = register_one(store, squad())

    assert gone == Deleted(id=before.id, artifact=before)
    assert again.id != before.id
    assert again.version == 1
    expect_error(store.delete(before.id, DATASET), WriteErrorCode.NOT_FOUND)
    assert find_by_url(store, DATASET, before.url) == again
    assert find_by_name(store, DATASET, "squad") == again


def test_an_empty_store_can_be_reset(store: Store) -> None:
    assert sum(store.reset()) == 0
    assert sum(store.reset()) == 0


def test_after_a_reset_everything_can_be_registered_again(store: Store) -> None:
    drafts = [
        new_artifact(
            ALL_TYPES[at % 3],
            f"name {at % 4}",
            *([by_name(DATASET, "name 1"), by_name(CODE, "none")] if at % 3 == 0 else []),
            url=f"https://example.org/{at}",
        )
        for at in range(130)
    ]
    before = register(store, *drafts[:100]) + register(store, *drafts[100:])

    assert sum(store.reset()) == 130

    assert read_all(store, listing()) == []
    assert store.count(listing()) == 0
    assert store.get([artifact.id for artifact in before]) == {}
    assert find_by_name(store, DATASET, "name 1") is None
    assert list(store.scan()) == []
    again = register(store, *drafts[:100]) + register(store, *drafts[100:])
    assert [a.name for a in again] == [a.name for a in before]
    assert find_by_name(store, DATASET, "name 1") == again[1]
    assert read_reverse_links(store, again[1]) == sorted(a.id for a in again if a.type is MODEL)


def test_references_of_namesakes_can_be_removed_one_by_one(store: Store) -> None:
    models = register(
        store,
        *(
            bert(*(by_name(DATASET, f"d{n}") for n in range(at, at + 40)))
            if at == 0
            else new_artifact(
                MODEL,
                "bert",
                *(by_name(DATASET, f"d{n}") for n in range(at, at + 40)),
                url=f"https://example.org/{at}",
            )
            for at in range(8)
        ),
    )
    target = register_one(store, new_artifact(DATASET, "d7"))

    assert read_reverse_links(store, target, first=3) == sorted(m.id for m in models)
    for model in models[::2]:
        update(store, model, datasets=())
    assert read_reverse_links(store, target, first=3) == sorted(m.id for m in models[1::2])
