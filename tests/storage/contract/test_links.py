"""Links of models resolve in any order of registrations, renames and deletions."""

import pytest

from storage.artifacts.records import ArtifactType, Reference
from storage.artifacts.writes import Identity
from storage.store import Store
from tests.storage.samples import (
    ALL_TYPES,
    CODE,
    DATASET,
    MODEL,
    START,
    bert,
    by_id,
    by_name,
    by_url,
    new_artifact,
    squad,
    url_for,
)
from tests.storage.store_calls import (
    delete,
    find_by_name,
    find_by_url,
    links,
    read,
    read_reverse_links,
    register,
    register_one,
    update,
)

SQUAD_ID = "0190a5f0-0000-7000-8000-000000000001"
FORMS = [
    by_id(DATASET, SQUAD_ID),
    by_url(DATASET, url_for(DATASET, "squad")),
    by_name(DATASET, "squad"),
    by_name(DATASET, "  SQuAD\t"),
]
IDENTITY = Identity(id=SQUAD_ID, version=1, created_at=START, updated_at=START, named_at=START)
each_form = pytest.mark.parametrize("form", FORMS, ids=["id", "url", "name", "other_case"])


@each_form
def test_a_dataset_registered_before_its_model_is_linked(store: Store, form: Reference) -> None:
    target = register_one(store, squad(identity=IDENTITY))
    model = register_one(store, bert(form))

    assert links(store, model) == [target.id]
    assert read_reverse_links(store, target) == [model.id]


@each_form
def test_a_dataset_registered_after_its_model_is_linked(store: Store, form: Reference) -> None:
    model = register_one(store, bert(form))
    assert links(store, model) == [None]

    target = register_one(store, squad(identity=IDENTITY))

    assert links(store, model) == [target.id]
    assert read_reverse_links(store, target) == [model.id]


@each_form
def test_a_dataset_registered_with_its_model_is_linked(store: Store, form: Reference) -> None:
    model, target = register(store, bert(form), squad(identity=IDENTITY))

    assert links(store, model) == [target.id]
    assert read_reverse_links(store, target) == [model.id]


@each_form
def test_a_deleted_dataset_is_not_linked_until_it_is_registered_again(
    store: Store, form: Reference
) -> None:
    target = register_one(store, squad(identity=IDENTITY))
    model = register_one(store, bert(form))

    delete(store, target)
    assert links(store, model) == [None]
    assert read(store, model.id) == model

    again = register_one(store, squad(identity=IDENTITY))
    assert links(store, model) == [again.id]
    assert read_reverse_links(store, again) == [model.id]


@each_form
def test_a_deleted_model_is_not_listed(store: Store, form: Reference) -> None:
    target = register_one(store, squad(identity=IDENTITY))
    model = register_one(store, bert(form))

    delete(store, model)

    assert read_reverse_links(store, target) == []
    assert store.get([model.id]) == {}


@pytest.mark.parametrize(
    ("form", "still"),
    list(zip(FORMS, (True, True, False, False), strict=True)),
    ids=["id", "url", "name", "other_case"],
)
def test_a_renamed_dataset_is_linked_only_by_id_and_url(
    store: Store, form: Reference, still: bool
) -> None:
    target = register_one(store, squad(identity=IDENTITY))
    model = register_one(store, bert(form))

    renamed = update(store, target, name="squad v2")

    assert links(store, model) == [target.id if still else None]
    assert read_reverse_links(store, renamed) == ([model.id] if still else [])
    back = update(store, renamed, name="SQUAD")
    assert links(store, model) == [target.id]
    assert read_reverse_links(store, back) == [model.id]


def test_a_dataset_with_a_new_url_is_linked_only_by_the_new_url(store: Store) -> None:
    target = register_one(store, squad())
    old = register_one(store, bert(by_url(DATASET, target.url)))
    new = register_one(
        store, new_artifact(MODEL, "gpt", by_url(DATASET, "https://new.org/squad"))
    )
    assert read_reverse_links(store, target) == [old.id]

    moved = update(store, target, url="https://new.org/squad")

    assert links(store, old) == [None]
    assert links(store, new) == [target.id]
    assert read_reverse_links(store, moved) == [new.id]


def test_a_renamed_model_keeps_its_links(store: Store) -> None:
    target, other = register(store, squad(), new_artifact(CODE, "trainer"))
    model = register_one(store, bert(by_name(DATASET, "squad"), by_name(CODE, "trainer")))

    renamed = update(store, model, name="roberta", url="https://example.org/roberta")

    assert links(store, renamed) == [target.id, other.id]
    assert read_reverse_links(store, target) == [model.id]
    assert read_reverse_links(store, other) == [model.id]


@pytest.mark.parametrize(
    "artifact_type", ALL_TYPES, ids=lambda artifact_type: artifact_type.value
)
def test_a_reference_does_not_resolve_to_another_type(
    store: Store, artifact_type: ArtifactType
) -> None:
    url = "https://example.org/shared"
    everyone = {
        t: register_one(store, new_artifact(t, "shared", url=url))
        for t in ALL_TYPES
        if t is not artifact_type
    }
    wrong = [by_id(artifact_type, artifact.id) for artifact in everyone.values()]
    model = register_one(
        store,
        new_artifact(
            MODEL, "m", *wrong, by_url(artifact_type, url), by_name(artifact_type, "shared")
        ),
    )

    assert links(store, model) == [None, None, None, None]
    assert [read_reverse_links(store, artifact) for artifact in everyone.values()] == [[], []]
    assert find_by_name(store, artifact_type, "shared") is None
    assert find_by_url(store, artifact_type, url) is None

    right = register_one(store, new_artifact(artifact_type, "shared", url=url))
    assert links(store, model) == [None, None, right.id, right.id]
    assert read_reverse_links(store, right) == [model.id]


def test_a_model_can_be_its_own_base(store: Store) -> None:
    model = register_one(store, bert(by_name(MODEL, "bert")))

    assert links(store, model) == [model.id]
    assert read_reverse_links(store, model) == [model.id]
