"""Random listings give what a plain Python filter over the artifacts gives."""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from storage.search.facets import FacetField, FacetRequest
from storage.search.pages import Window
from storage.store import Store
from tests.storage.contract.catalogue import fill
from tests.storage.contract.facet_oracle import count_facet
from tests.storage.contract.listing_oracle import ListingOracle
from tests.storage.contract.random_listings import draw_listing
from tests.storage.engines import ENGINES, opened
from tests.storage.samples import ALL_TYPES, ids
from tests.storage.store_calls import read_all, read_all_from_end

DRAWS = {"sqlite": 300, "moto": 100}
REQUESTS = [
    FacetRequest(field, "framework" if field is FacetField.PROPERTY_VALUE else None, first, own)
    for field in FacetField
    for first in (2, 20)
    for own in (True, False)
] + [
    FacetRequest(FacetField.TYPE, types=ALL_TYPES),
    FacetRequest(FacetField.PROPERTY_VALUE, "steps"),
    FacetRequest(FacetField.PROPERTY_VALUE, "none such"),
]
Catalogue = tuple[Store, ListingOracle, str]


@pytest.fixture(scope="module", params=ENGINES)
def catalogue(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Catalogue]:
    """A store with various artifacts, and what its listings must be."""
    folder: Path = tmp_path_factory.mktemp("catalogue")
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        store = stack.enter_context(opened(request.param, folder / "registry.db"))
        artifacts = fill(store)
        yield store, ListingOracle(artifacts), request.param
        assert list(store.check()) == []


def test_listings_are_those_of_a_filter_in_python(catalogue: Catalogue) -> None:
    store, oracle, engine = catalogue
    draw = random.Random(1)  # noqa: S311 - no secret
    sizes = []

    for _ in range(DRAWS.get(engine, 300)):
        wanted = draw_listing(draw, oracle.artifacts)
        expected = oracle.read(wanted)
        found = read_all(store, wanted, draw.randint(3, 30))
        assert (wanted, ids(found)) == (wanted, ids(expected))
        assert found == expected
        assert (wanted, store.count(wanted)) == (wanted, len(expected))
        back = read_all_from_end(store, wanted, draw.randint(3, 30))
        assert (wanted, ids(back)) == (wanted, ids(expected))
        sizes.append(len(expected))

    assert sum(size > 0 for size in sizes) > len(sizes) / 2


def test_windows_are_parts_of_the_list(catalogue: Catalogue) -> None:
    store, oracle, engine = catalogue
    draw = random.Random(2)  # noqa: S311 - no secret

    for _ in range(DRAWS.get(engine, 300) // 6):
        wanted = draw_listing(draw, oracle.artifacts)
        everything = store.page(wanted, Window(100)).entries
        for _ in range(6):
            size, from_end = draw.randint(1, 9), draw.random() < 1 / 2
            low, high = (draw.randint(-1, len(everything)) for _ in range(2))
            after = everything[low].position if 0 <= low < len(everything) else None
            before = everything[high].position if 0 <= high < len(everything) else None
            page = store.page(wanted, Window(size, after, before, from_end))

            first = low + 1 if after else 0
            end = high if before else len(everything)
            inside = list(range(first, end))
            shown = inside[-size:] if from_end else inside[:size]
            assert page.entries == tuple(everything[at] for at in shown)
            if shown:
                assert page.has_previous == (shown[0] > 0)
                assert page.has_next == (shown[-1] < len(everything) - 1)
                assert page.start == everything[shown[0]].position
                assert page.end == everything[shown[-1]].position
            else:
                assert (page.start, page.end) == (None, None)


def test_facets_are_those_of_a_count_in_python(catalogue: Catalogue) -> None:
    store, oracle, engine = catalogue
    draw = random.Random(3)  # noqa: S311 - no secret

    for _ in range(DRAWS.get(engine, 300) // 3):
        wanted = draw_listing(draw, oracle.artifacts)
        requests = draw.sample(REQUESTS, draw.randint(1, 6))
        expected = [count_facet(oracle, wanted, request) for request in requests]
        found = [values and list(values) for values in store.count_facets(wanted, requests)]
        assert (wanted, requests, found) == (wanted, requests, expected)
