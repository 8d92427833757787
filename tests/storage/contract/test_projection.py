"""Projections: reads include their details, and the types of artifacts say so."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, assert_type

import pytest

from storage.artifacts.projection import CORE_PROJECTION, DETAILS, FULL_PROJECTION, Projection
from storage.artifacts.records import (
    NOT_READ,
    Artifact,
    DetailNotReadError,
    PartialArtifact,
    require_read,
)
from storage.errors import UndecodableError
from storage.reverse_links import ReverseLinkQuery
from storage.search.listing import Filter, Listing, Order
from storage.search.pages import Page, Window
from storage.store import Store
from tests.storage.contract.listed_artifacts import each_order
from tests.storage.samples import (
    ALL_TYPES,
    CODE,
    DATASET,
    MODEL,
    by_id,
    by_name,
    by_url,
    new_artifact,
    url_for,
)
from tests.storage.store_calls import register, register_one

CORE_FIELDS = ("id", "type", "name", "url", "download_url", "version", "named_at")
PROJECTIONS: list[Projection[PartialArtifact]] = [
    CORE_PROJECTION,
    *map(Projection.from_details, combinations(sorted(DETAILS), 1)),
    FULL_PROJECTION,
]
FILTERS = [
    Filter(types=ALL_TYPES),
    Filter(types=ALL_TYPES, tags_all=("nlp",)),
    Filter(types=ALL_TYPES, licenses=("mit",)),
    Filter(types=(MODEL,), rated=True),
    Filter(types=(MODEL,), net_score_at_least=0.25),
]


@pytest.fixture
def filled(store: Store) -> Store:
    """A store whose artifacts differ in every detail."""
    code = register_one(store, new_artifact(CODE, "trainer", license="MIT", tags=("nlp",)))
    linked = by_name(DATASET, "Web"), by_id(CODE, code.id)
    register(
        store,
        new_artifact(DATASET, "web", license="MIT", download_url="https://example.org/web.tar"),
        new_artifact(MODEL, "a", *linked, rated=0.5, tags=("nlp", "small")),
        new_artifact(
            MODEL, "b", *linked, by_url(MODEL, url_for(MODEL, "a")), rated=0.1, license="MIT"
        ),
        new_artifact(MODEL, "c"),
    )
    return store


def test_reads_by_id_and_by_target_include_the_details(filled: Store) -> None:
    whole = {a.id: a for a in read_all(filled)}
    targets = [r.target for a in whole.values() for r in a.references]
    linked = filled.resolve(targets)

    assert len(linked) == 3
    for projection in PROJECTIONS:
        assert are_alike(filled.get(list(whole), projection), whole, projection)
        assert are_alike(filled.resolve(targets, projection), linked, projection)


@each_order
def test_pages_include_the_details(filled: Store, order: Order) -> None:
    for wanted in FILTERS:
        listing = Listing(wanted, order)
        whole = filled.page(listing, Window(3))
        for projection in PROJECTIONS:
            page = filled.page(listing, Window(3), projection)
            assert is_same_page(page, whole, projection)


def test_reverse_links_include_the_details(filled: Store) -> None:
    requests = [ReverseLinkQuery(artifact, 2) for artifact in read_all(filled)]
    whole = filled.read_reverse_links(requests)

    assert sum(len(page.entries) for page in whole) == 5
    for projection in PROJECTIONS:
        pages = zip(filled.read_reverse_links(requests, projection), whole, strict=True)
        assert all(is_same_page(page, other, projection) for page, other in pages)


def test_details_outside_the_projection_are_not_read(filled: Store) -> None:
    (model,) = (a for a in read_all(filled) if a.name == "a")
    part = filled.get([model.id], Projection.from_details({"tags"}))[model.id]
    assert isinstance(part, PartialArtifact)

    assert part.tags == ("nlp", "small")
    assert {name for name in DETAILS if getattr(part, name) is NOT_READ} == DETAILS - {"tags"}
    with pytest.raises(DetailNotReadError):
        require_read(part.rating)


def test_a_type_checker_knows_what_may_not_have_been_read(filled: Store) -> None:
    (model,) = (a for a in read_all(filled) if a.name == "a")
    assert_type(filled.get([model.id]), Mapping[str, Artifact | UndecodableError])
    full = filled.get([model.id], FULL_PROJECTION)
    assert_type(full, Mapping[str, Artifact | UndecodableError])
    part = filled.get([model.id], CORE_PROJECTION)[model.id]
    assert_type(part, PartialArtifact | UndecodableError)
    assert isinstance(part, PartialArtifact)

    with pytest.raises(TypeError):
        _ = part.references[0]  # type: ignore[index] # mypy refuses it: it may be NOT_READ


def read_all(store: Store) -> Iterator[Artifact]:
    return (
        e.artifact for e in store.page(Listing(Filter(types=ALL_TYPES)), Window(100)).entries
    )


def are_alike(
    found: Mapping[Any, PartialArtifact | UndecodableError],
    others: Mapping[Any, PartialArtifact | UndecodableError],
    projection: Projection[PartialArtifact],
) -> bool:
    return found.keys() == others.keys() and all(
        getattr(found[key], name) == getattr(others[key], name)
        for key in others
        for name in (*CORE_FIELDS, *projection.details)
    )


def is_same_page(
    page: Page[PartialArtifact],
    other: Page[PartialArtifact],
    projection: Projection[PartialArtifact],
) -> bool:
    found, expected = ({e.position: e.artifact for e in p.entries} for p in (page, other))
    ends = (page.end, page.has_next) == (other.end, other.has_next)
    return ends and list(found) == list(expected) and are_alike(found, expected, projection)
