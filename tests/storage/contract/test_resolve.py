"""Resolving targets, with and without earlier results."""

import pytest

from storage.artifacts.records import Target
from storage.store import Store
from tests.storage.samples import (
    DATASET,
    bert,
    by_id,
    by_name,
    by_url,
    new_artifact,
    squad,
    url_for,
)
from tests.storage.store_calls import (
    find_target,
    links,
    read_reverse_links,
    register,
    register_one,
    update,
)


def test_empty_batches_have_empty_results(store: Store) -> None:
    assert store.get([]) == {}
    assert store.resolve([]) == {}
    assert store.read_reverse_links([]) == []
    assert store.count_reverse_links([]) == []


def test_a_renamed_owner_is_replaced_by_its_successor(store: Store) -> None:
    first = register_one(store, squad())
    model = register_one(store, bert(by_name(DATASET, "squad")))
    target = model.references[0].target
    second = register_one(store, squad(url="https://example.org/second"))

    update(store, first, name="elsewhere")

    assert find_target(store, target) == second
    assert links(store, model) == [second.id]


def test_an_owner_that_gave_up_its_name_does_not_own_it_when_it_returns(
    store: Store,
) -> None:
    first = register_one(store, squad())
    model = register_one(store, bert(by_name(DATASET, "squad")))
    second = register_one(store, squad(url="https://example.org/second"))

    back = update(store, update(store, first, name="elsewhere"), name="squad")

    assert links(store, model) == [second.id]
    assert read_reverse_links(store, second) == [model.id]
    assert read_reverse_links(store, back) == []


def test_a_moved_url_resolves_to_its_new_owner(store: Store) -> None:
    first = register_one(store, squad())
    model = register_one(store, bert(by_url(DATASET, first.url)))

    update(store, first, url="https://example.org/elsewhere")
    assert links(store, model) == [None]

    second = register_one(store, new_artifact(DATASET, "other", url=url_for(DATASET, "squad")))
    assert links(store, model) == [second.id]


def test_updating_another_field_keeps_the_resolved_targets(store: Store) -> None:
    target = register_one(store, squad())
    model = register_one(store, bert(by_name(DATASET, "squad")))

    rated = update(store, model, license="mit")

    assert rated.references == model.references
    assert links(store, rated) == [target.id]


def test_hundreds_of_targets_resolve_together(store: Store) -> None:
    everyone = register(store, *(new_artifact(DATASET, f"d{n}") for n in range(100)))
    everyone += register(store, *(new_artifact(DATASET, f"d{n}") for n in range(100, 130)))
    wanted = [by_name(DATASET, f"D{n}").target for n in range(140)]
    wanted += [by_url(DATASET, artifact.url).target for artifact in everyone]
    wanted += [by_id(DATASET, artifact.id).target for artifact in everyone]

    found = store.resolve([*wanted, *wanted])

    assert len(found) == 390
    assert [found[t] for t in wanted if t in found] == everyone * 3


@pytest.mark.parametrize(
    "value",
    ["", " ", "url#dataset#https://example.org", "a" * 4_000],
    ids=["empty", "blank", "url_item", "too_long"],
)
def test_an_invalid_id_resolves_to_nothing(store: Store, value: str) -> None:
    target = register_one(store, squad())

    assert store.resolve([by_id(DATASET, value).target]) == {}
    assert store.resolve([Target(DATASET, by_url(DATASET, value).lookup_field, value)]) == {}
    assert read_reverse_links(store, target) == []
