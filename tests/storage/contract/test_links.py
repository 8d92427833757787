"""What a reference points to, whichever side came first and whatever happens afterwards."""

import pytest

from storage.artifacts.records import ArtifactType, Identity, Reference, Target
from storage.store import ReverseLinkQuery, Store
from tests.storage.samples import (
    CODE,
    DATASET,
    DAWN,
    EVERY_TYPE,
    MODEL,
    at_url,
    bert,
    by_id,
    by_name,
    by_url,
    delete,
    draft,
    links,
    named,
    pages_of_models,
    read_reverse_links,
    register,
    register_one,
    squad,
    update,
    url_of,
)

SQUAD_ID = "0190a5f0-0000-7000-8000-000000000001"
FORMS = [
    by_id(DATASET, SQUAD_ID),
    by_url(DATASET, url_of(DATASET, "squad")),
    by_name(DATASET, "squad"),
    by_name(DATASET, "  SQuAD\t"),
]


IDENTITY = Identity(id=SQUAD_ID, version=1, created_at=DAWN, updated_at=DAWN, named_at=DAWN)
each_form = pytest.mark.parametrize("form", FORMS, ids=["id", "url", "name", "other_case"])


@each_form
def test_dataset_that_was_there_first_is_linked(store: Store, form: Reference) -> None:
    target = register_one(store, squad(identity=IDENTITY))
    model = register_one(store, bert(form))

    assert links(store, model) == [target.id]
    assert read_reverse_links(store, target) == [model.id]


@each_form
def test_model_that_was_there_first_is_linked(store: Store, form: Reference) -> None:
    model = register_one(store, bert(form))
    assert links(store, model) == [None]

    target = register_one(store, squad(identity=IDENTITY))

    assert links(store, model) == [target.id]
    assert read_reverse_links(store, target) == [model.id]


@each_form
def test_both_registered_in_one_batch_are_linked(store: Store, form: Reference) -> None:
    model, target = register(store, bert(form), squad(identity=IDENTITY))

    assert links(store, model) == [target.id]
    assert read_reverse_links(store, target) == [model.id]


@each_form
def test_deleted_target_is_no_longer_linked_and_one_registered_again_is(
    store: Store, form: Reference
) -> None:
    target = register_one(store, squad(identity=IDENTITY))
    model = register_one(store, bert(form))

    delete(store, target)
    assert links(store, model) == [None]
    assert store.get([model.id])[model.id] == model

    again = register_one(store, squad(identity=IDENTITY))
    assert links(store, model) == [again.id]
    assert read_reverse_links(store, again) == [model.id]


@each_form
def test_deleted_model_is_no_longer_listed(store: Store, form: Reference) -> None:
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
def test_renamed_target_is_linked_by_id_and_url_alone(
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


def test_target_with_a_new_url_is_linked_by_the_new_one_alone(store: Store) -> None:
    target = register_one(store, squad())
    old = register_one(store, bert(by_url(DATASET, target.url)))
    new = register_one(store, draft(MODEL, "gpt", by_url(DATASET, "https://new.org/squad")))
    assert read_reverse_links(store, target) == [old.id]

    moved = update(store, target, url="https://new.org/squad")

    assert links(store, old) == [None]
    assert links(store, new) == [target.id]
    assert read_reverse_links(store, moved) == [new.id]


def test_renamed_model_keeps_its_links(store: Store) -> None:
    target, other = register(store, squad(), draft(CODE, "trainer"))
    model = register_one(store, bert(by_name(DATASET, "squad"), by_name(CODE, "trainer")))

    renamed = update(store, model, name="roberta", url="https://example.org/roberta")

    assert links(store, renamed) == [target.id, other.id]
    assert read_reverse_links(store, target) == [model.id]
    assert read_reverse_links(store, other) == [model.id]


def test_model_registered_again_is_listed_under_its_new_id(store: Store) -> None:
    target = register_one(store, squad())
    first = register_one(store, bert(by_name(DATASET, "squad")))
    delete(store, first)

    second = register_one(store, bert(by_name(DATASET, "squad")))

    assert second.id != first.id
    assert read_reverse_links(store, target) == [second.id]


@pytest.mark.parametrize("of", EVERY_TYPE, ids=lambda of: of.value)
def test_reference_never_resolves_to_another_type(store: Store, of: ArtifactType) -> None:
    url = "https://example.org/shared"
    everyone = {
        t: register_one(store, draft(t, "shared", url=url)) for t in EVERY_TYPE if t is not of
    }
    wrong = [by_id(of, artifact.id) for artifact in everyone.values()]
    model = register_one(
        store, draft(MODEL, "m", *wrong, by_url(of, url), by_name(of, "shared"))
    )

    assert links(store, model) == [None, None, None, None]
    assert [read_reverse_links(store, artifact) for artifact in everyone.values()] == [[], []]
    assert named(store, of, "shared") is None
    assert at_url(store, of, url) is None

    right = register_one(store, draft(of, "shared", url=url))
    assert links(store, model) == [None, None, right.id, right.id]
    assert read_reverse_links(store, right) == [model.id]


def test_model_may_be_its_own_base(store: Store) -> None:
    model = register_one(store, bert(by_name(MODEL, "bert")))

    assert links(store, model) == [model.id]
    assert read_reverse_links(store, model) == [model.id]


def test_model_is_listed_once_however_often_it_refers(store: Store) -> None:
    target = register_one(store, squad())
    model = register_one(
        store,
        bert(
            by_id(DATASET, target.id),
            by_url(DATASET, target.url),
            by_name(DATASET, "squad"),
            by_name(DATASET, "SQUAD"),
            by_name(DATASET, "squad"),
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
def test_models_are_paged_each_once_in_the_order_of_ids(store: Store, first: int) -> None:
    target = register_one(store, squad())
    forms = [
        (by_id(DATASET, target.id),),
        (by_url(DATASET, target.url), by_name(DATASET, "squad")),
        (by_name(DATASET, "squad"),),
    ]
    everyone = register(store, *(draft(MODEL, f"m{n}", *forms[n % 3]) for n in range(14)))
    register(store, draft(MODEL, "unrelated", by_name(DATASET, "glue")))

    pages = list(pages_of_models(store, target, first))

    found = [entry.artifact.id for page in pages for entry in page.entries]
    assert found == sorted(model.id for model in everyone)
    assert [len(page.entries) for page in pages[:-1]] == [first] * (len(pages) - 1)
    assert [page.has_next for page in pages] == [True] * (len(pages) - 1) + [False]
    assert store.count_reverse_links([target]) == [14]


def test_models_of_many_are_asked_together_each_with_its_own_page(store: Store) -> None:
    first, second, code = register(
        store, squad(), draft(DATASET, "glue"), draft(CODE, "trainer")
    )
    models = register(
        store,
        *(draft(MODEL, f"a{n}", by_name(DATASET, "squad")) for n in range(3)),
        *(draft(MODEL, f"b{n}", by_name(DATASET, "glue")) for n in range(2)),
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


def test_nothing_asked_is_nothing_answered(store: Store) -> None:
    assert store.get([]) == {}
    assert store.resolve([]) == {}
    assert store.read_reverse_links([]) == []
    assert store.count_reverse_links([]) == []


def test_stale_hint_of_a_renamed_owner_resolves_to_the_next(store: Store) -> None:
    first = register_one(store, squad())
    model = register_one(store, bert(by_name(DATASET, "squad")))
    with_resolved_targets = model.references[0].target
    second = register_one(store, squad(url="https://example.org/second"))

    update(store, first, name="elsewhere")

    assert store.resolve([with_resolved_targets])[with_resolved_targets].id == second.id
    assert links(store, model) == [second.id]


def test_stale_hint_of_an_owner_that_left_and_came_back_resolves_to_the_owner(
    store: Store,
) -> None:
    first = register_one(store, squad())
    model = register_one(store, bert(by_name(DATASET, "squad")))
    second = register_one(store, squad(url="https://example.org/second"))

    back = update(store, update(store, first, name="elsewhere"), name="squad")

    assert links(store, model) == [second.id]
    assert read_reverse_links(store, second) == [model.id]
    assert read_reverse_links(store, back) == []


def test_stale_hint_of_a_moved_url_resolves_to_its_new_owner(store: Store) -> None:
    first = register_one(store, squad())
    model = register_one(store, bert(by_url(DATASET, first.url)))

    update(store, first, url="https://example.org/elsewhere")
    assert links(store, model) == [None]

    second = register_one(store, draft(DATASET, "other", url=url_of(DATASET, "squad")))
    assert links(store, model) == [second.id]


def test_hints_survive_an_update_of_something_else(store: Store) -> None:
    target = register_one(store, squad())
    model = register_one(store, bert(by_name(DATASET, "squad")))

    rated = update(store, model, license="mit")

    assert rated.references == model.references
    assert links(store, rated) == [target.id]


def test_many_targets_resolve_at_once(store: Store) -> None:
    everyone = register(store, *(draft(DATASET, f"d{n}") for n in range(100)))
    everyone += register(store, *(draft(DATASET, f"d{n}") for n in range(100, 130)))
    wanted = [by_name(DATASET, f"D{n}").target for n in range(140)]
    wanted += [by_url(DATASET, artifact.url).target for artifact in everyone]
    wanted += [by_id(DATASET, artifact.id).target for artifact in everyone]

    found = store.resolve([*wanted, *wanted])

    assert len(found) == 390
    assert [found[t].id for t in wanted if t in found] == [a.id for a in everyone] * 3


@pytest.mark.parametrize(
    "value",
    ["", " ", "url#dataset#https://example.org", "a" * 4_000],
    ids=["empty", "blank", "url_item", "too_long"],
)
def test_ids_that_no_artifact_can_have_resolve_to_nothing(store: Store, value: str) -> None:
    target = register_one(store, squad())

    assert store.resolve([by_id(DATASET, value).target]) == {}
    assert store.resolve([Target(DATASET, by_url(DATASET, value).by, value)]) == {}
    assert read_reverse_links(store, target) == []
