"""The targets of references when they were written."""

from dataclasses import replace

from storage.artifacts.records import Artifact, Reference, ResolvedTarget
from storage.artifacts.writes import Identity
from storage.store import Store
from tests.storage.samples import (
    CODE,
    DATASET,
    MODEL,
    START,
    UNKNOWN_ID,
    bert,
    by_id,
    by_name,
    by_url,
    new_artifact,
    rating,
    squad,
)
from tests.storage.store_calls import (
    delete,
    links,
    read,
    register,
    register_one,
    restore,
    update,
)

SQUAD = by_name(DATASET, "squad")


def _stamps(store: Store, model: Artifact) -> list[tuple[str, int | None] | None]:
    """The id and version to which each reference resolved when it was written."""
    found = read(store, model.id).references
    assert [r.resolved for r in found] == [r.resolved for r in model.references]
    return [(r.resolved.id, r.resolved.version) if r.resolved else None for r in found]


def test_a_reference_notes_what_it_resolves_to_and_its_version(store: Store) -> None:
    target = update(store, register_one(store, squad()), license="mit")
    base = register_one(store, new_artifact(MODEL, "base"))

    model = register_one(
        store,
        bert(
            by_name(DATASET, " SQuAD"),
            by_url(DATASET, target.url),
            by_id(DATASET, target.id, role="EVALUATED_ON"),
            by_id(MODEL, base.id),
            by_id(MODEL, target.id),
            by_id(CODE, UNKNOWN_ID),
            by_name(CODE, "none"),
        ),
    )

    dataset = (target.id, 2)
    assert [reference.kind.artifact_type for reference in model.references] == [
        *[DATASET] * 3,
        *[CODE] * 2,
        *[MODEL] * 2,
    ]
    assert _stamps(store, model) == [dataset, dataset, dataset, None, None, (base.id, 1), None]


def test_a_reference_by_name_notes_since_when_the_target_had_the_name(store: Store) -> None:
    target = register_one(store, squad())

    model = register_one(store, bert(SQUAD))

    assert model.references[0].resolved == ResolvedTarget(target.id, target.named_at, 1)
    assert read(store, model.id).references[0].resolved == model.references[0].resolved


def test_updates_of_other_fields_and_references_keep_the_stamps(store: Store) -> None:
    target = register_one(store, squad())
    model = register_one(store, bert(SQUAD))
    target = update(store, target, license="mit")

    model = update(store, model, license="mit")
    assert _stamps(store, model) == [(target.id, 1)]
    model = update(store, model, rating=rating())
    assert _stamps(store, model) == [(target.id, 1)]
    model = update(store, model, codes=(by_name(CODE, "none"),))
    assert _stamps(store, model) == [(target.id, 1), None]
    model = update(store, model, datasets=(by_id(DATASET, target.id), SQUAD))
    assert _stamps(store, model) == [(target.id, 2), (target.id, 1), None]


def test_changed_references_are_stamped_anew(store: Store) -> None:
    target = register_one(store, squad())
    model = register_one(store, bert(SQUAD))
    target = update(store, target, license="mit")

    revised = by_name(DATASET, "squad", revision="v2")
    model = update(store, model, datasets=(revised,))
    assert _stamps(store, model) == [(target.id, 2)]
    target = update(store, target, license="x")
    model = update(store, model, datasets=(by_name(DATASET, "squad", role="TRAINED_ON"),))
    assert _stamps(store, model) == [(target.id, 3)]
    target = update(store, target, license="y")
    model = update(store, update(store, model, datasets=()), datasets=(SQUAD,))
    assert _stamps(store, model) == [(target.id, 4)]


def test_a_reference_that_resolved_to_nothing_stays_unresolved(store: Store) -> None:
    model = register_one(store, bert(SQUAD))
    target = register_one(store, squad())

    model = update(store, model, license="mit")

    assert _stamps(store, model) == [None]
    assert links(store, model) == [target.id]


def test_a_stamp_stays_when_the_name_comes_to_mean_another(store: Store) -> None:
    first = register_one(store, squad())
    second = register_one(store, new_artifact(DATASET, "squad", url="https://example.org/2"))
    model = register_one(store, bert(SQUAD))

    delete(store, first)

    assert _stamps(store, model) == [(first.id, 1)]
    assert links(store, model) == [second.id]
    model = update(store, model, license="mit")
    assert _stamps(store, model) == [(first.id, 1)]


def test_a_reference_to_what_was_registered_before_in_the_batch_is_stamped(
    store: Store,
) -> None:
    target, model = register(store, squad(), bert(SQUAD, by_url(DATASET, squad().url)))

    assert _stamps(store, model) == [(target.id, 1), (target.id, 1)]


def test_a_restored_model_has_its_old_stamps(store: Store) -> None:
    target = register_one(store, squad())
    model = register_one(store, bert(SQUAD, by_url(DATASET, target.url)))
    delete(store, model)
    update(store, target, license="mit")

    model = restore(store, model.id)

    assert _stamps(store, model) == [(target.id, 1), (target.id, 1)]


def test_an_imported_reference_keeps_its_stamp(store: Store) -> None:
    target = register_one(store, squad())
    seen = ResolvedTarget("gone", START, 7)
    identity = Identity(
        id="imported", version=3, created_at=START, updated_at=START, named_at=START
    )
    references: tuple[Reference, ...] = (
        replace(SQUAD, resolved=seen),
        replace(by_id(DATASET, target.id), resolved=ResolvedTarget(target.id, None, 1)),
    )

    model = register_one(store, new_artifact(MODEL, "m", *references, identity=identity))

    assert _stamps(store, model) == [("gone", 7), (target.id, 1)]
    assert links(store, model) == [target.id, target.id]


def test_roles_and_revisions_are_kept(store: Store) -> None:
    references = (
        by_name(DATASET, "squad"),
        by_name(DATASET, "squad", role="TRAINED_ON"),
        by_name(DATASET, "squad", role="EVALUATED_ON", revision="v1"),
        by_url(DATASET, "https://example.org/x", revision="\x00é"),
    )
    target = register_one(store, squad())

    model = register_one(store, bert(*references))

    assert read(store, model.id).references == references
    assert links(store, model) == [target.id] * 3 + [None]


def test_a_model_that_refers_to_itself_is_not_there_before_it_is_written(store: Store) -> None:
    itself = by_name(MODEL, "bert"), by_url(MODEL, bert().url)

    model = register_one(store, bert(*itself))
    renamed = update(store, model, name="gpt", base_models=(by_name(MODEL, "gpt"),))
    again = update(store, renamed, base_models=(by_name(MODEL, "gpt", role="ADAPTER"),))

    assert [reference.resolved for reference in model.references] == [None, None]
    assert [reference.resolved for reference in renamed.references] == [None]
    assert _stamps(store, again) == [(model.id, 2)]
