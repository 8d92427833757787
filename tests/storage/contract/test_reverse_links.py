"""Pages and counts of the models that link to an artifact."""

import pytest

from storage.reverse_links import ReverseLinkQuery
from storage.store import Store
from tests.storage.samples import (
    CODE,
    DATASET,
    MODEL,
    bert,
    by_id,
    by_name,
    by_url,
    new_artifact,
    squad,
)
from tests.storage.store_calls import (
    delete,
    links,
    read_model_pages,
    read_reverse_links,
    register,
    register_one,
    update,
)


def test_a_model_registered_again_is_listed_with_its_new_id(store: Store) -> None:
    target = register_one(store, squad())
    first = register_one(store, bert(by_name(DATASET, "squad")))
    delete(store, first)

    second = register_one(store, bert(by_name(DATASET, "squad")))

    assert second.id != first.id
    assert read_reverse_links(store, target) == [second.id]


def test_a_model_with_several_references_to_an_artifact_is_listed_once(store: Store) -> None:
    target = register_one(store, squad())
    model = register_one(
        store,
        bert(
            by_id(DATASET, target.id),
            by_url(DATASET, target.url),
            by_name(DATASET, "squad"),
            by_name(DATASET, "SQUAD", role="TRAINED_ON"),
            by_name(DATASET, "squad", role="EVALUATED_ON"),
        ),
    )

    assert links(store, model) == [target.id] * 5
    assert read_reverse_links(store, target) == [model.id]

    less = update(store, model, datasets=(by_name(DATASET, "Squad"),))
    assert links(store, less) == [target.id]
    assert read_reverse_links(store, target) == [model.id]

    update(store, less, datasets=())
    assert read_reverse_links(store, target) == []


@pytest.mark.parametrize("first", [1, 2, 7, 100])
def test_pages_have_each_model_once_in_the_order_of_ids(store: Store, first: int) -> None:
    target = register_one(store, squad())
    forms = [
        (by_id(DATASET, target.id),),
        (by_url(DATASET, target.url), by_name(DATASET, "squad")),
        (by_name(DATASET, "squad"),),
    ]
    everyone = register(
        store, *(new_artifact(MODEL, f"m{n}", *forms[n % 3]) for n in range(14))
    )
    register(store, new_artifact(MODEL, "unrelated", by_name(DATASET, "glue")))

    pages = list(read_model_pages(store, target, first))

    found = [entry.artifact.id for page in pages for entry in page.entries]
    assert found == sorted(model.id for model in everyone)
    assert [len(page.entries) for page in pages[:-1]] == [first] * (len(pages) - 1)
    assert [page.has_next for page in pages] == [True] * (len(pages) - 1) + [False]
    assert store.count_reverse_links([target]) == [14]


def test_several_queries_have_a_page_each(store: Store) -> None:
    first, second, code = register(
        store, squad(), new_artifact(DATASET, "glue"), new_artifact(CODE, "trainer")
    )
    models = register(
        store,
        *(new_artifact(MODEL, f"a{n}", by_name(DATASET, "squad")) for n in range(3)),
        *(new_artifact(MODEL, f"b{n}", by_name(DATASET, "glue")) for n in range(2)),
    )
    mine = sorted(model.id for model in models[:3])

    pages = store.read_reverse_links(
        [
            ReverseLinkQuery(first, 2),
            ReverseLinkQuery(second, 5),
            ReverseLinkQuery(code, 5),
            ReverseLinkQuery(first, 2, mine[1]),
        ]
    )

    assert [[e.artifact.id for e in page.entries] for page in pages] == [
        mine[:2],
        sorted(model.id for model in models[3:]),
        [],
        mine[2:],
    ]
    assert [page.has_next for page in pages] == [True, False, False, False]
    assert [page.end for page in pages] == [
        mine[1],
        max(m.id for m in models[3:]),
        None,
        mine[2],
    ]
    assert store.count_reverse_links([first, second, code]) == [3, 2, 0]
