"""Threads that share a store do not lose each other's acknowledged writes."""

from collections.abc import Callable

from storage.artifacts.records import Artifact, SavedRating
from storage.artifacts.writes import (
    ArtifactPatch,
    Deleted,
    OnConflict,
    WriteError,
    WriteErrorCode,
    Written,
)
from storage.errors import StoreUnavailableError
from storage.store import Store
from tests.storage.contract.threads import run_together
from tests.storage.samples import (
    DATASET,
    MODEL,
    bert,
    by_name,
    listing,
    new_artifact,
    rating,
    squad,
)
from tests.storage.store_calls import (
    delete,
    find_by_name,
    links,
    read,
    read_all,
    read_reverse_links,
    register,
    register_one,
    update,
)

THREADS = 8


def test_one_of_several_registrations_of_a_url_succeeds(store: Store) -> None:
    def register_squad() -> Written | WriteError:
        (outcome,) = store.register([squad()], OnConflict.REJECT)
        assert not isinstance(outcome, StoreUnavailableError)
        return outcome

    outcomes = run_together(*[register_squad] * THREADS)

    (winner,) = [o.artifact for o in outcomes if isinstance(o, Written)]
    losers = [o for o in outcomes if isinstance(o, WriteError)]
    assert {o.code for o in losers} == {WriteErrorCode.ALREADY_EXISTS}
    assert {o.artifact for o in losers} == {winner}
    assert read_all(store, listing()) == [winner]


def test_all_updates_and_ratings_of_a_model_take_effect(store: Store) -> None:
    model = register_one(store, bert())

    def rate() -> int:
        for score in (0.25, 0.5, 0.75):
            update(store, model, rating=rating(score))
        return 3

    def rename() -> int:
        for name in ("a", "b"):
            update(store, model, name=name, datasets=(by_name(DATASET, name),))
        return 2

    def license_() -> int:
        update(store, model, license="mit")
        return 1

    def describe() -> int:
        update(store, model, description="text")
        return 1

    acknowledged = run_together(rate, rename, license_, describe)

    after = read(store, model.id)
    assert after.version == 1 + sum(acknowledged)
    assert isinstance(after.rating, SavedRating)
    assert (after.rating.text, after.name, after.license) == (rating(0.75), "b", "mit")
    assert after.references == (by_name(DATASET, "b"),)


def test_a_name_always_has_an_owner_while_artifacts_have_it(store: Store) -> None:
    stays = register_one(store, squad(url="https://example.org/first"))
    model = register_one(store, bert(by_name(DATASET, "squad")))
    last = register_one(store, squad(url="https://example.org/last"))

    def come_and_go(at: int) -> Callable[[], bool]:
        def function() -> bool:
            for turn in range(2):
                mine = register_one(store, squad(url=f"https://example.org/{at}/{turn}"))
                assert find_by_name(store, DATASET, "squad") is not None
                if turn:
                    mine = update(store, mine, name="elsewhere")
                delete(store, mine)
            return True

        return function

    def leave() -> bool:
        return isinstance(store.delete(stays.id, DATASET), Deleted)

    assert all(run_together(*(come_and_go(at) for at in range(4)), leave))

    assert links(store, model) == [last.id]
    assert read_reverse_links(store, last) == [model.id]
    assert read_all(store, listing(DATASET)) == [last]


def test_a_model_and_its_dataset_registered_together_are_linked(store: Store) -> None:
    pairs = [
        (
            new_artifact(MODEL, f"m{n}", by_name(DATASET, f"d{n}")),
            new_artifact(DATASET, f"d{n}"),
        )
        for n in range(4)
    ]

    made = run_together(
        *(lambda one=one: register_one(store, one) for pair in pairs for one in pair)
    )

    for model, dataset in zip(made[::2], made[1::2], strict=True):
        assert links(store, model) == [dataset.id]
        assert read_reverse_links(store, dataset) == [model.id]


def test_an_artifact_deleted_during_an_update_stays_deleted(store: Store) -> None:
    models = register(store, *(new_artifact(MODEL, f"m{n}") for n in range(4)))

    def change(model: Artifact) -> Callable[[], object]:
        return lambda: store.update(model.id, MODEL, ArtifactPatch(license="mit"))

    def remove(model: Artifact) -> Callable[[], object]:
        return lambda: store.delete(model.id, MODEL)

    functions = [work(model) for model in models for work in (change, remove)]
    outcomes = run_together(*functions)

    for changed, removed in zip(outcomes[::2], outcomes[1::2], strict=True):
        assert isinstance(removed, Deleted)
        assert isinstance(changed, Written) or (
            isinstance(changed, WriteError) and changed.code is WriteErrorCode.NOT_FOUND
        )
    assert read_all(store, listing()) == []
