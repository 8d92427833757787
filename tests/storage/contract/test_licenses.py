"""Licenses stay as they were given, and are filtered and counted by their SPDX expressions."""

import pytest

from storage.search.facets import FacetField, FacetRequest, FacetValue
from storage.store import Store
from tests.storage.samples import DATASET, listing, new_artifact
from tests.storage.store_calls import read_all, register, update

GIVEN = (
    *("apache-2.0", "APACHE-2.0", "Apache-2.0 ", "gpl-3.0", "GPL-3.0-only"),
    *("llama3", "Llama3", None, "mit or gpl-3.0"),
)


@pytest.fixture
def licensed(store: Store) -> Store:
    register(
        store, *(new_artifact(DATASET, f"d{n}", license=text) for n, text in enumerate(GIVEN))
    )
    return store


def test_licenses_are_kept_as_given_beside_their_expressions(licensed: Store) -> None:
    listed = read_all(licensed, listing(DATASET))

    assert [(each.license, each.license_id) for each in listed] == [
        ("apache-2.0", "Apache-2.0"),
        ("APACHE-2.0", "Apache-2.0"),
        ("Apache-2.0 ", "Apache-2.0"),
        ("gpl-3.0", "GPL-3.0-only"),
        ("GPL-3.0-only", "GPL-3.0-only"),
        ("llama3", None),
        ("Llama3", None),
        (None, None),
        ("mit or gpl-3.0", "MIT OR GPL-3.0-only"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (("apache-2.0",), ["d0", "d1", "d2"]),
        (("gpl-3.0-only",), ["d3", "d4"]),
        (("llama3",), ["d5", "d6"]),
        (("mit or gpl-3.0-only",), ["d8"]),
        (("mit", None), ["d7"]),
    ],
)
def test_filters_compare_expressions(
    licensed: Store, wanted: tuple[str | None, ...], found: list[str]
) -> None:
    matches = read_all(licensed, listing(DATASET, licenses=wanted))

    assert [each.name for each in matches] == found
    assert licensed.count(listing(DATASET, licenses=wanted)) == len(found)


def count_licenses(store: Store) -> list[FacetValue]:
    values = store.count_facets(listing(DATASET), [FacetRequest(FacetField.LICENSE)])[0]
    assert values is not None
    return list(values)


def test_facets_count_expressions(licensed: Store) -> None:
    assert count_licenses(licensed) == [
        FacetValue("Apache-2.0", 3),
        FacetValue("GPL-3.0-only", 2),
        FacetValue("Llama3", 2),
        FacetValue(None, 1),
        FacetValue("MIT OR GPL-3.0-only", 1),
    ]


def test_facets_follow_a_changed_license(licensed: Store) -> None:
    (first, *_) = read_all(licensed, listing(DATASET))

    update(licensed, first, license="MIT")

    assert count_licenses(licensed)[-2:] == [
        FacetValue("MIT", 1),
        FacetValue("MIT OR GPL-3.0-only", 1),
    ]
