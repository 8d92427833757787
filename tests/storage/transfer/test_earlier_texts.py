"""Texts that earlier releases let in are exported, and imported as they are."""

from storage.store import Store
from tests.storage.samples import DATASET, MODEL, by_name, new_artifact, rating
from tests.storage.store_calls import register_one, update
from tests.storage.transfer.round_trip import export, import_all


def test_texts_that_inputs_may_not_have_any_more_are_exported_and_imported(
    store: Store, other: Store
) -> None:
    nul, blank = "a\x00", " "
    label = rating().replace('"MODEL"', '"a\\u0000"')
    register_one(
        store,
        new_artifact(
            MODEL, nul, by_name(DATASET, nul, revision=nul), by_name(DATASET, blank),
            description=nul, license=blank, tags=(nul, blank), rating=label,
            properties=((blank, nul), (nul, blank)),
        ),
    )  # fmt: skip

    _, rejects = import_all(other, export(store))

    assert rejects == []
    assert list(other.scan()) == list(store.scan())


def test_an_empty_license_of_an_earlier_release_agrees_with_its_history(
    store: Store, other: Store
) -> None:
    made = register_one(store, new_artifact(MODEL, "bert", license=""))
    update(store, made, tags=("x",))

    _, rejects = import_all(other, export(store))

    assert rejects == []
    assert export(other) == export(store)
    assert list(other.check()) == []
