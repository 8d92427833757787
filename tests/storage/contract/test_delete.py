"""What deleting and resetting leave, and that the greatest things fit, on every store."""

from storage.artifacts.records import (
    WriteErrorCode,
)
from storage.store import Store
from tests.storage.samples import (
    CODE,
    DATASET,
    EVERY_TYPE,
    MODEL,
    at_url,
    bert,
    by_name,
    by_url,
    delete,
    draft,
    links,
    listing,
    named,
    read_reverse_links,
    refused,
    register,
    register_one,
    squad,
    update,
    walk,
)


def test_deleted_url_and_name_are_free_again(store: Store) -> None:
    before = register_one(store, squad())

    gone = store.delete(before.id, DATASET)
    again = register_one(store, squad())

    assert gone == before
    assert again.id != before.id
    assert again.version == 1
    refused(store.delete(before.id, DATASET), WriteErrorCode.NOT_FOUND)
    assert at_url(store, DATASET, before.url) == again
    assert named(store, DATASET, "squad") == again


def test_reset_of_an_empty_store_is_fine(store: Store) -> None:
    assert sum(store.reset()) == 0
    assert sum(store.reset()) == 0


def test_reset_leaves_nothing_and_everything_registers_again(store: Store) -> None:
    drafts = [
        draft(
            EVERY_TYPE[at % 3],
            f"name {at % 4}",
            *([by_name(DATASET, "name 1"), by_name(CODE, "none")] if at % 3 == 0 else []),
            url=f"https://example.org/{at}",
        )
        for at in range(130)
    ]
    before = register(store, *drafts[:100]) + register(store, *drafts[100:])

    assert sum(store.reset()) == 130

    assert walk(store, listing()) == []
    assert store.count(listing()) == 0
    assert store.get([artifact.id for artifact in before]) == {}
    assert named(store, DATASET, "name 1") is None
    assert list(store.scan()) == []
    again = register(store, *drafts[:100]) + register(store, *drafts[100:])
    assert [a.name for a in again] == [a.name for a in before]
    assert named(store, DATASET, "name 1") == again[1]
    assert read_reverse_links(store, again[1]) == sorted(a.id for a in again if a.type is MODEL)


def test_everything_at_its_greatest_is_kept(store: Store) -> None:
    wide = "\U0010ffff"
    start = "https://example.org/"
    urls = [start + f"{n:04}" + "u" * (2_000 - len(start) - 4) for n in range(90)]
    wanted = draft(
        MODEL,
        wide * 512,
        url=urls[0],
        download_url=urls[0],
        license=wide * 256,
        tags=tuple(f"{n:03}" + wide * 253 for n in range(100)),
        datasets=tuple(by_url(DATASET, url) for url in urls),
        rated=0.5,
    )

    found = register_one(store, wanted)

    assert store.get([found.id]) == {found.id: found}
    assert len(found.references) == 90
    assert links(store, found) == [None] * 90
    after = update(store, found, tags=())
    assert store.get([found.id]) == {found.id: after}
    delete(store, after)


def test_namesakes_with_many_references_are_replaced_one_for_one(store: Store) -> None:
    models = register(
        store,
        *(
            bert(*(by_name(DATASET, f"d{n}") for n in range(at, at + 40)))
            if at == 0
            else draft(
                MODEL,
                "bert",
                *(by_name(DATASET, f"d{n}") for n in range(at, at + 40)),
                url=f"https://example.org/{at}",
            )
            for at in range(8)
        ),
    )
    target = register_one(store, draft(DATASET, "d7"))

    assert read_reverse_links(store, target, first=3) == sorted(m.id for m in models)
    for model in models[::2]:
        update(store, model, datasets=())
    assert read_reverse_links(store, target, first=3) == sorted(m.id for m in models[1::2])
