"""Facets: the most frequent values, with their numbers and spellings."""

import pytest

from storage.search.facets import FacetField, FacetRequest, FacetValue
from storage.search.listing import PropertyCondition
from storage.store import Store
from tests.storage.samples import (
    ALICE,
    ALL_TYPES,
    BOB,
    CODE,
    DATASET,
    MODEL,
    listing,
    new_artifact,
)
from tests.storage.store_calls import delete, register, register_one, update

TAG = FacetRequest(FacetField.TAG)
LICENSE = FacetRequest(FacetField.LICENSE)
CREATOR = FacetRequest(FacetField.CREATED_BY)
TYPE = FacetRequest(FacetField.TYPE, types=ALL_TYPES)
KEY = FacetRequest(FacetField.PROPERTY_KEY)
FRAMEWORK = FacetRequest(FacetField.PROPERTY_VALUE, "framework")


def facet(store: Store, request: FacetRequest, /, **wanted: object) -> list[tuple[object, int]]:
    types = wanted.pop("types", ALL_TYPES)
    counted = listing(*types, **wanted)  # type: ignore[misc,arg-type] # as listing has them
    (values,) = store.count_facets(counted, [request])
    assert values is not None
    assert all(isinstance(value, FacetValue) for value in values)
    return [(value.value, value.count) for value in values]


@pytest.fixture
def filled(store: Store) -> Store:
    register(
        store,
        new_artifact(MODEL, "a", tags=("NLP", "x"), license="MIT"),
        new_artifact(MODEL, "b", tags=("nlp", "NLP"), license="mit", rated=0.5),
        new_artifact(DATASET, "c", tags=("nlp",), license="Apache-2.0"),
        attribution=ALICE,
    )
    framework = (("Framework", "JAX"), ("steps", "1"))
    register_one(store, new_artifact(DATASET, "d", license="MIT", properties=framework))
    both = (("FRAMEWORK", "jax"), ("framework", "torch"))
    register_one(store, new_artifact(CODE, "e", tags=("x",), properties=both), BOB)
    return store


def test_values_that_differ_in_case_are_one_in_the_most_frequent_spelling(
    filled: Store,
) -> None:
    assert facet(filled, TAG) == [("nlp", 3), ("x", 2), (None, 1)]
    assert facet(filled, LICENSE) == [("MIT", 3), (None, 1), ("Apache-2.0", 1)]
    assert facet(filled, CREATOR) == [("alice", 3), (None, 1), ("bob", 1)]
    # Of equally frequent spellings the first in order.
    assert facet(filled, TAG, types=(MODEL,)) == [("NLP", 2), ("x", 1)]
    assert facet(filled, LICENSE, types=(MODEL,)) == [("MIT", 2)]


def test_types_are_counted_without_those_that_have_no_matches(filled: Store) -> None:
    assert facet(filled, TYPE) == [("dataset", 2), ("model", 2), ("code", 1)]
    assert facet(filled, TYPE, licenses=("mit",)) == [("model", 2), ("dataset", 1)]
    assert facet(filled, TYPE, names=("none",)) == []


def test_an_artifact_counts_once_for_keys_that_differ_in_case(filled: Store) -> None:
    assert facet(filled, KEY) == [(None, 3), ("FRAMEWORK", 2), ("steps", 1)]
    assert facet(filled, FRAMEWORK) == [(None, 3), ("JAX", 2), ("torch", 1)]
    assert facet(filled, FacetRequest(FacetField.PROPERTY_VALUE, "none")) == [(None, 5)]


def test_the_filter_on_the_same_field_does_not_count(filled: Store) -> None:
    jax = (PropertyCondition("framework", "jax"),)
    for conditions, request in (
        ({"tags_all": ("nlp",), "tags_none": ("x",)}, TAG),
        ({"tags_any": ("x",), "tags_is_empty": False}, TAG),
        ({"licenses": ("mit", None)}, LICENSE),
        ({"created_by": ("bob",)}, CREATOR),
        ({"types": (CODE,)}, TYPE),
        ({"properties": jax}, FRAMEWORK),
        ({"properties": jax}, KEY),
    ):
        assert facet(filled, request, **conditions) == facet(filled, request)


def test_the_filter_on_other_fields_counts(filled: Store) -> None:
    assert facet(filled, TAG, licenses=("mit",)) == [("NLP", 2), (None, 1), ("x", 1)]
    assert facet(filled, LICENSE, tags_all=("x",)) == [(None, 1), ("MIT", 1)]
    assert facet(filled, TAG, search="b") == facet(filled, TAG, names=("b",)) == [("nlp", 1)]
    assert facet(filled, TAG, rated=True) == [("nlp", 1)]
    steps = (PropertyCondition("steps"),)
    assert facet(filled, FRAMEWORK, properties=steps) == [("JAX", 1)]


def test_the_filter_on_the_same_field_counts_if_asked(filled: Store) -> None:
    tags = FacetRequest(FacetField.TAG, ignore_own_filter=False)
    types = FacetRequest(FacetField.TYPE, ignore_own_filter=False)

    assert facet(filled, tags, tags_all=("x",)) == [("x", 2), ("NLP", 1)]
    assert facet(filled, types, types=(CODE, MODEL)) == [("model", 2), ("code", 1)]


def test_the_first_values_are_the_most_frequent(filled: Store) -> None:
    for first, expected in ((1, [("nlp", 3)]), (2, [("nlp", 3), ("x", 2)])):
        assert facet(filled, FacetRequest(FacetField.TAG, first=first)) == expected


def test_several_facets_are_counted_together(filled: Store) -> None:
    wanted = listing(tags_all=("x",), licenses=("mit",))
    requests = [LICENSE, TAG, TYPE, LICENSE]

    found = filled.count_facets(wanted, requests)

    assert found == [filled.count_facets(wanted, [each])[0] for each in requests]
    assert filled.count_facets(wanted, []) == []


def test_facets_follow_writes(store: Store) -> None:
    model = register_one(store, new_artifact(MODEL, "a", tags=("x",)))
    assert facet(store, TAG) == [("x", 1)]

    model = update(store, model, tags=("y", "z"), license="mit")
    assert facet(store, TAG) == [("y", 1), ("z", 1)]
    assert facet(store, LICENSE) == [("MIT", 1)]

    update(store, model, tags=())
    assert facet(store, TAG) == [(None, 1)]

    delete(store, model)
    assert facet(store, TAG) == facet(store, LICENSE) == facet(store, TYPE) == []
