"""Of artifacts with the same name, the one that has had it longest owns it."""

from itertools import permutations

import pytest

from storage.artifacts.records import Artifact
from storage.store import Store
from tests.storage.samples import (
    CODE,
    DATASET,
    MODEL,
    bert,
    by_name,
    ids,
    listing,
    new_artifact,
)
from tests.storage.store_calls import (
    delete,
    find_by_name,
    links,
    read_all,
    read_reverse_links,
    register,
    register_one,
    update,
)


def _squads(store: Store, count: int) -> list[Artifact]:
    return [
        register_one(store, new_artifact(DATASET, name, url=f"https://example.org/{at}"))
        for at, name in enumerate(("squad", "SQuAD", " Squad ", "sQUAD")[:count])
    ]


def test_the_first_artifact_with_a_name_owns_it(store: Store) -> None:
    model = register_one(store, bert(by_name(DATASET, "squad")))
    first, second, third = _squads(store, 3)

    assert links(store, model) == [first.id]
    assert read_reverse_links(store, first) == [model.id]
    assert read_reverse_links(store, second) == []
    assert read_reverse_links(store, third) == []


def test_namesakes_of_a_batch_succeed_each_other_in_its_order(store: Store) -> None:
    model = register_one(store, bert(by_name(DATASET, "squad")))
    left = register(
        store,
        *(new_artifact(DATASET, "squad", url=f"https://example.org/{n}") for n in range(5)),
    )
    assert [a.named_at for a in left] == sorted({a.named_at for a in left})

    while left:
        assert links(store, model) == [left[0].id]
        assert read_reverse_links(store, left[0]) == [model.id]
        delete(store, left.pop(0))

    assert links(store, model) == [None]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_the_owner_is_the_remaining_artifact_with_the_earliest_named_at(
    store: Store, order: tuple[int, ...]
) -> None:
    model = register_one(store, bert(by_name(DATASET, "squad")))
    squads = dict(enumerate(_squads(store, 3)))

    for at in order:
        delete(store, squads.pop(at))

        wanted = squads[min(squads)].id if squads else None
        assert links(store, model) == [wanted]
        assert [a.id for a in squads.values() if read_reverse_links(store, a)] == [wanted][
            : len(squads)
        ]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_a_renamed_artifact_is_the_last_successor_when_it_returns(
    store: Store, order: tuple[int, ...]
) -> None:
    model = register_one(store, bert(by_name(DATASET, "squad")))
    squads = dict(enumerate(_squads(store, 3)))
    gone = []

    for at in order:
        gone.append(update(store, squads.pop(at), name=f"elsewhere {at}"))
        assert links(store, model) == [squads[min(squads)].id if squads else None]
    for artifact in gone:
        update(store, artifact, name="SQUAD")
        assert links(store, model) == [gone[0].id]

    delete(store, gone[0])
    assert links(store, model) == [gone[1].id]


def test_changing_the_case_of_a_name_keeps_named_at(store: Store) -> None:
    first, second = _squads(store, 2)

    again = update(store, first, name="S Q u A D".replace(" ", ""))

    assert again.named_at == first.named_at
    assert find_by_name(store, DATASET, "squad") == again
    assert find_by_name(store, DATASET, "squad") != second


def test_an_artifact_renamed_to_a_taken_name_is_the_last_successor(store: Store) -> None:
    older = register_one(store, new_artifact(DATASET, "older"))
    first, second = _squads(store, 2)

    renamed = update(store, older, name="squad")

    assert find_by_name(store, DATASET, "squad") == first
    delete(store, first)
    assert find_by_name(store, DATASET, "squad") == second
    delete(store, second)
    assert find_by_name(store, DATASET, "squad") == renamed


def test_names_have_an_owner_per_type(store: Store) -> None:
    dataset = register_one(store, new_artifact(DATASET, "squad"))
    model = register_one(store, new_artifact(MODEL, "squad"))

    delete(store, dataset)

    assert find_by_name(store, DATASET, "squad") is None
    assert find_by_name(store, MODEL, "squad") == model


def test_an_owner_can_move_to_another_taken_name(store: Store) -> None:
    first, second = _squads(store, 2)
    glue = register_one(store, new_artifact(DATASET, "glue"))

    moved = update(store, first, name="glue")

    assert find_by_name(store, DATASET, "squad") == second
    assert find_by_name(store, DATASET, "glue") == glue
    delete(store, glue)
    assert find_by_name(store, DATASET, "glue") == moved


def test_two_owners_can_swap_their_names(store: Store) -> None:
    a, b = register(store, new_artifact(DATASET, "a"), new_artifact(DATASET, "b"))

    a = update(store, a, name="c")
    b = update(store, b, name="a")
    a = update(store, a, name="b")

    assert find_by_name(store, DATASET, "a") == b
    assert find_by_name(store, DATASET, "b") == a
    assert find_by_name(store, DATASET, "c") is None


def test_all_namesakes_are_listed(store: Store) -> None:
    squads = _squads(store, 4)
    register(store, new_artifact(DATASET, "squad2"), new_artifact(MODEL, "squad"))

    found = read_all(store, listing(DATASET, names=("squad",)), first=1)

    assert ids(found) == sorted(ids(squads))
    assert store.count(listing(DATASET, names=("squad",))) == 4


def test_many_namesakes_succeed_each_other(store: Store) -> None:
    everyone = register(
        store,
        *(new_artifact(DATASET, "squad", url=f"https://example.org/{n}") for n in range(30)),
    )

    for at, artifact in enumerate(everyone[:-1]):
        delete(store, artifact)
        owner = find_by_name(store, DATASET, "squad")
        assert owner is not None
        assert owner.id == everyone[at + 1].id


def test_models_are_listed_for_whoever_takes_a_name_that_everybody_left(store: Store) -> None:
    first = register_one(store, new_artifact(CODE, "trainer"))
    second = register_one(store, new_artifact(CODE, "other"))
    model = register_one(store, bert(by_name(CODE, "trainer")))
    second = update(store, second, name="trainer")
    second = update(store, second, name="other")
    update(store, first, name="another")

    taker = update(store, second, name="trainer")

    assert read_reverse_links(store, taker) == [model.id]
    assert store.count_reverse_links([taker]) == [1]
    assert links(store, model) == [taker.id]
