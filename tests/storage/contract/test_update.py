"""Updates: changed and kept fields, and errors."""

from dataclasses import replace

import pytest

from storage.artifacts.records import ArtifactType, SavedRating
from storage.artifacts.writes import ArtifactPatch, Deleted, WriteErrorCode, WriteOutcome
from storage.store import Store
from tests.storage.samples import (
    ALL_TYPES,
    CODE,
    DATASET,
    MODEL,
    UNKNOWN_ID,
    by_name,
    full_model,
    listing,
    new_artifact,
    rating,
    squad,
    url_for,
)
from tests.storage.store_calls import (
    delete,
    expect_error,
    expect_written,
    find_by_name,
    find_by_url,
    read_all,
    read_reverse_links,
    register_one,
    update,
)

each_type = pytest.mark.parametrize(
    "artifact_type", ALL_TYPES, ids=lambda artifact_type: artifact_type.value
)


@each_type
def test_an_update_changes_only_the_given_fields(
    store: Store, artifact_type: ArtifactType
) -> None:
    before = register_one(
        store,
        new_artifact(
            artifact_type, "bert", download_url="https://x.org/1", license="mit", tags=("a",)
        ),
    )

    after = update(store, before, license="apache-2.0")

    assert after == replace(
        before, license="apache-2.0", version=2, content_version=2, updated_at=after.updated_at
    )
    assert after.updated_at > before.updated_at
    assert store.get([before.id]) == {before.id: after}


def test_an_update_clears_fields(store: Store) -> None:
    before = register_one(store, full_model())

    after = update(
        store,
        before,
        download_url=None,
        license=None,
        tags=(),
        datasets=(),
        codes=(),
        base_models=(),
        rating=None,
    )

    assert (after.download_url, after.license, after.rating) == (None, None, None)
    assert (after.tags, after.references) == ((), ())
    assert (after.id, after.name, after.url) == (before.id, before.name, before.url)
    assert store.get([before.id]) == {before.id: after}


@pytest.mark.parametrize("kind", ["datasets", "codes", "base_models"])
def test_an_update_of_one_kind_of_reference_keeps_the_others(store: Store, kind: str) -> None:
    before = register_one(store, full_model())
    artifact_type = {"datasets": DATASET, "codes": CODE, "base_models": MODEL}[kind]

    after = update(
        store,
        before,
        **{kind: (by_name(artifact_type, "new"), by_name(artifact_type, "newer"))},
    )

    kept = {r for r in before.references if r.kind.artifact_type is not artifact_type}
    assert set(after.references) == kept | {
        by_name(artifact_type, "new"),
        by_name(artifact_type, "newer"),
    }
    assert after.rating == before.rating


def test_rating_changes_only_the_rating(store: Store) -> None:
    before = register_one(store, full_model())

    after = update(store, before, rating=rating(0.25))

    assert after == replace(
        before,
        rating=SavedRating(rating(0.25), after.updated_at),
        version=2,
        updated_at=after.updated_at,
    )


@each_type
def test_the_wrong_type_is_an_error_and_changes_nothing(
    store: Store, artifact_type: ArtifactType
) -> None:
    before = register_one(store, new_artifact(artifact_type, "bert"))
    for wrong in ALL_TYPES:
        if wrong is artifact_type:
            continue

        updated = store.update(before.id, wrong, ArtifactPatch(name="other"))
        deleted = store.delete(before.id, wrong)

        assert expect_error(updated, WriteErrorCode.WRONG_TYPE).field == ("id",)
        assert expect_error(deleted, WriteErrorCode.WRONG_TYPE).field == ("id",)
    assert store.get([before.id]) == {before.id: before}
    assert find_by_name(store, artifact_type, "bert") == before


def test_update_and_delete_accept_any_type_by_default(store: Store) -> None:
    before = register_one(store, squad())

    result = store.update(before.id, None, ArtifactPatch(license="mit"))
    after = expect_written(result, WriteOutcome.UPDATED)

    assert store.delete(before.id, None) == Deleted(id=before.id, artifact=after)
    assert store.get([before.id]) == {}


@pytest.mark.parametrize(
    "id_",
    [UNKNOWN_ID, "", "none", f"url#dataset#{url_for(DATASET, 'squad')}", "name#dataset#squad"],
)
def test_an_unknown_id_is_an_error(store: Store, id_: str) -> None:
    before = register_one(store, squad())

    updated = store.update(id_, None, ArtifactPatch(name="other"))
    deleted = store.delete(id_, DATASET)

    assert expect_error(updated, WriteErrorCode.NOT_FOUND).field == ("id",)
    assert expect_error(deleted, WriteErrorCode.NOT_FOUND).field == ("id",)
    assert store.get([id_]) == {}
    assert read_all(store, listing()) == [before]


@pytest.mark.parametrize("stale", [0, 1, 3])
def test_a_stale_version_is_an_error_and_changes_nothing(store: Store, stale: int) -> None:
    before = update(store, register_one(store, squad()), license="mit")

    updated = store.update(before.id, DATASET, ArtifactPatch(name="other"), stale)
    deleted = store.delete(before.id, DATASET, stale)

    for outcome in (updated, deleted):
        error = expect_error(outcome, WriteErrorCode.VERSION_CONFLICT)
        assert error.field == ("expectedVersion",)
        assert error.artifact == before
    assert store.get([before.id]) == {before.id: before}
    result = store.update(before.id, DATASET, ArtifactPatch(name="other"), 2)
    expect_written(result, WriteOutcome.UPDATED)
    assert isinstance(store.delete(before.id, DATASET, 3), Deleted)
    assert store.get([before.id]) == {}


def test_a_taken_url_is_an_error_with_its_owner(store: Store) -> None:
    first = register_one(store, squad())
    second = register_one(store, new_artifact(DATASET, "glue"))

    outcome = store.update(
        second.id, DATASET, ArtifactPatch(url=first.url, name="squad", license="mit")
    )

    error = expect_error(outcome, WriteErrorCode.ALREADY_EXISTS)
    assert error.field == ("input", "url")
    assert error.artifact == first
    assert store.get([second.id]) == {second.id: second}
    assert find_by_url(store, DATASET, second.url) == second
    assert find_by_name(store, DATASET, "glue") == second


def test_changing_the_url_frees_the_old_one(store: Store) -> None:
    before = register_one(store, squad())

    after = update(store, before, url="https://example.org/new")
    again = register_one(store, new_artifact(DATASET, "glue", url=before.url))

    assert find_by_url(store, DATASET, "https://example.org/new") == after
    assert find_by_url(store, DATASET, before.url) == again
    assert update(store, after, url="https://example.org/newer").version == 3


def test_ninety_references_can_be_replaced_in_two_updates(store: Store) -> None:
    def datasets(start: int, count: int) -> tuple[object, ...]:
        return tuple(by_name(DATASET, f"d{n}") for n in range(start, start + count))

    target = register_one(store, new_artifact(DATASET, "d89"))
    model = register_one(store, new_artifact(MODEL, "m", datasets=datasets(0, 90)))
    assert len(model.references) == 90
    assert read_reverse_links(store, target) == [model.id]

    for too_many in (datasets(43, 90), ()):
        result = store.update(model.id, MODEL, ArtifactPatch(datasets=too_many))  # type: ignore[typeddict-item]
        assert expect_error(result, WriteErrorCode.TOO_MANY).field == ("input",)
    assert store.get([model.id]) == {model.id: model}
    assert read_reverse_links(store, target) == [model.id]

    half = update(
        store, model, datasets=datasets(42, 90), name="renamed", url="https://n.org/m"
    )
    assert len(half.references) == 90
    assert read_reverse_links(store, target) == [model.id]
    few = update(store, half, datasets=datasets(127, 5))
    assert read_reverse_links(store, target) == []
    full = update(store, few, datasets=datasets(90, 30), codes=datasets(30, 50))
    assert len(full.references) == 80
    delete(store, full)


def test_more_than_ninety_references_are_an_error(store: Store) -> None:
    model = register_one(
        store,
        new_artifact(MODEL, "m", datasets=tuple(by_name(DATASET, f"d{n}") for n in range(60))),
    )

    outcome = store.update(
        model.id, MODEL, ArtifactPatch(codes=tuple(by_name(CODE, f"c{n}") for n in range(31)))
    )

    expect_error(outcome, WriteErrorCode.TOO_MANY)
    assert store.get([model.id]) == {model.id: model}
