"""Listings of models by what their references say and resolve to."""

import pytest

from storage.artifacts.records import Reference, ReferenceKind, ReferenceRole, Target
from storage.search.listing import ReferenceCondition, ReferenceState
from storage.store import Store
from tests.storage.samples import (
    CODE,
    DATASET,
    MODEL,
    UNKNOWN_ID,
    by_id,
    by_name,
    by_url,
    listing,
    names,
    new_artifact,
)
from tests.storage.store_calls import delete, read_all, register, register_one, update

RESOLVED, RETARGETED, LOST, UNRESOLVED = ReferenceState


def models(store: Store, *conditions: ReferenceCondition) -> list[str]:
    """The names of the models that meet all conditions."""
    wanted = listing(MODEL, references=conditions)
    found = names(read_all(store, wanted, first=2))
    assert store.count(wanted) == len(found)
    return found


def with_target(*targets: Target) -> ReferenceCondition:
    return ReferenceCondition(targets=targets)


def with_states(*states: ReferenceState) -> ReferenceCondition:
    return ReferenceCondition(states=states)


def register_models(store: Store, **references: Reference | tuple[Reference, ...]) -> None:
    for name, asked in references.items():
        many = asked if isinstance(asked, tuple) else (asked,)
        register_one(store, new_artifact(MODEL, name, *many))


def test_models_are_found_by_kind_and_role(store: Store) -> None:
    register_models(
        store,
        a=by_name(DATASET, "x", role="TRAINED_ON"),
        b=by_name(DATASET, "x", role="EVALUATED_ON"),
        c=by_name(CODE, "x"),
        d=(by_name(DATASET, "y"), by_name(CODE, "y", role="TRAINING")),
        e=(),
    )
    dataset, code = ReferenceKind.DATASET, ReferenceKind.CODE
    trained, training = ReferenceRole.TRAINED_ON, ReferenceRole.TRAINING

    assert models(store, ReferenceCondition()) == ["a", "b", "c", "d"]
    assert models(store, ReferenceCondition(kind=dataset)) == ["a", "b", "d"]
    assert models(store, ReferenceCondition(kind=code)) == ["c", "d"]
    assert models(store, ReferenceCondition(role=trained)) == ["a"]
    assert models(store, ReferenceCondition(kind=code, role=trained)) == []
    assert models(store, ReferenceCondition(kind=code, role=training)) == ["d"]
    # Each condition may be met by another reference.
    both = ReferenceCondition(kind=dataset), ReferenceCondition(kind=code)
    assert models(store, *both) == ["d"]


def test_models_are_found_by_what_their_references_resolve_to(store: Store) -> None:
    squad, other = register(
        store, new_artifact(DATASET, "SQuAD"), new_artifact(DATASET, "other")
    )
    register_models(
        store,
        a=by_id(DATASET, squad.id),
        b=by_url(DATASET, squad.url),
        c=by_name(DATASET, " squad "),
        d=by_name(DATASET, "other"),
        e=by_name(CODE, "squad"),
        f=by_name(DATASET, "none"),
    )
    for asked in (
        by_id(DATASET, squad.id), by_url(DATASET, squad.url), by_name(DATASET, "SQUAD")
    ):  # fmt: skip
        assert models(store, with_target(asked.target)) == ["a", "b", "c"]
    found = models(
        store, with_target(by_id(DATASET, squad.id).target, by_id(DATASET, other.id).target)
    )
    assert found == ["a", "b", "c", "d"]
    for nothing in (by_name(DATASET, "none"), by_id(CODE, squad.id), by_id(MODEL, UNKNOWN_ID)):
        assert models(store, with_target(nothing.target)) == []
    assert models(store, with_target()) == []


def test_models_are_found_by_the_owner_of_a_name(store: Store) -> None:
    first = register_one(store, new_artifact(DATASET, "squad"))
    second = register_one(
        store, new_artifact(DATASET, "Squad", url="https://example.org/second")
    )
    register_models(store, a=by_name(DATASET, "SQUAD"), b=by_id(DATASET, second.id))
    to_first = with_target(by_id(DATASET, first.id).target)
    to_second = with_target(by_id(DATASET, second.id).target)
    to_owner = with_target(by_name(DATASET, "squad").target)

    assert models(store, to_first) == models(store, to_owner) == ["a"]
    assert models(store, to_second) == ["b"]

    update(store, first, name="renamed")
    assert models(store, to_first) == []
    assert models(store, to_second) == models(store, to_owner) == ["a", "b"]


def test_models_are_found_by_the_states_of_their_references(store: Store) -> None:
    first = register_one(store, new_artifact(DATASET, "squad"))
    second = register_one(
        store, new_artifact(DATASET, "squad", url="https://example.org/second")
    )
    register_models(
        store,
        a=by_name(DATASET, "squad"),
        b=by_id(DATASET, first.id),
        c=by_id(DATASET, second.id),
        d=by_name(DATASET, "later"),
        e=by_name(DATASET, "never"),
        f=(by_name(DATASET, "squad", role="TRAINED_ON"), by_name(CODE, "never")),
        g=(),
    )
    assert models(store, with_states(RESOLVED)) == ["a", "b", "c", "f"]
    assert models(store, with_states(UNRESOLVED)) == ["d", "e", "f"]
    assert models(store, with_states(RETARGETED, LOST)) == []

    delete(store, first)
    register_one(store, new_artifact(DATASET, "later"))

    assert models(store, with_states(RESOLVED)) == ["c", "d"]
    assert models(store, with_states(RETARGETED)) == ["a", "f"]
    assert models(store, with_states(LOST)) == ["b"]
    assert models(store, with_states(UNRESOLVED)) == ["e", "f"]
    assert models(store, with_states(LOST, UNRESOLVED)) == ["b", "e", "f"]
    assert models(store, with_states()) == []


@pytest.mark.parametrize("state", ReferenceState)
def test_a_reference_meets_all_parts_of_a_condition(
    store: Store, state: ReferenceState
) -> None:
    target = register_one(store, new_artifact(DATASET, "squad"))
    register_models(store, a=(by_name(DATASET, "squad"), by_name(CODE, "none")))
    dataset, code = ReferenceKind.DATASET, ReferenceKind.CODE
    to_target = (by_id(DATASET, target.id).target,)

    found = {
        kind: bool(models(store, ReferenceCondition(kind=kind, states=(state,))))
        for kind in (dataset, code)
    }

    assert found == {dataset: state is RESOLVED, code: state is UNRESOLVED}
    at_target = ReferenceCondition(kind=dataset, targets=to_target, states=(state,))
    assert bool(models(store, at_target)) == (state is RESOLVED)
    assert models(store, ReferenceCondition(kind=code, targets=to_target)) == []
