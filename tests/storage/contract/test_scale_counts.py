"""Counts and facets are exact up to 100,000 matches, and unknown above."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.artifacts.records import Artifact
from storage.search.facets import FacetField, FacetRequest, FacetValue
from storage.sqlite.store import SqliteStore
from tests.storage.crowd import another
from tests.storage.samples import ALL_TYPES, CODE, CREATED_DESCENDING, MODEL, listing
from tests.storage.store_calls import delete, register_one

pytestmark = pytest.mark.slow
TYPES = FacetRequest(FacetField.TYPE, types=ALL_TYPES)
TAGS = FacetRequest(FacetField.TAG)
LICENSES = FacetRequest(FacetField.LICENSE)
EVERYTHING = [
    listing(),
    listing(order=CREATED_DESCENDING),
    listing(name_contains="e"),
    listing(search="example.org"),
    listing(licenses=(None,)),
]
"""Listings of all artifacts of the crowd."""


@pytest.fixture
def crowd(
    hundred_thousand: tuple[Path, list[Artifact]], tmp_path: Path
) -> Iterator[SqliteStore]:
    """A store with 10,000 models and 90,000 code."""
    shutil.copy(hundred_thousand[0], tmp_path / "registry.db")
    store = SqliteStore(tmp_path / "registry.db")
    yield store
    store.close()


def test_counts_are_exact_up_to_100_000_and_unknown_above(crowd: SqliteStore) -> None:
    assert [crowd.count(wanted) for wanted in EVERYTHING] == [100_000] * 5
    assert crowd.count(listing(MODEL)) == 10_000
    assert crowd.count(listing(tags_all=("rare",))) == 10

    one_more = register_one(crowd, another("https://example.org/more"))
    assert [crowd.count(wanted) for wanted in EVERYTHING] == [None] * 5
    assert crowd.count(listing(MODEL)) == 10_001
    assert crowd.count(listing(CODE)) == 90_000

    delete(crowd, one_more)
    assert [crowd.count(wanted) for wanted in EVERYTHING] == [100_000] * 5


def test_facets_are_exact_up_to_100_000_and_unknown_above(crowd: SqliteStore) -> None:
    types = [FacetValue("code", 90_000), FacetValue("model", 10_000)]
    tags = [FacetValue(None, 90_000), FacetValue("nlp", 10_000), FacetValue("rare", 10)]
    licenses = [FacetValue(None, 100_000)]
    for wanted in EVERYTHING:
        found = crowd.count_facets(wanted, [TYPES, TAGS, LICENSES])
        assert (wanted, found) == (wanted, [types, tags, licenses])

    register_one(crowd, another("https://example.org/more"))
    for wanted in EVERYTHING:
        assert crowd.count_facets(wanted, [TYPES, TAGS]) == [None, None]
    # Each facet has its own matches: of all types, and of models alone.
    found = crowd.count_facets(listing(MODEL), [TYPES, TAGS])
    assert found == [None, [FacetValue("nlp", 10_001), FacetValue("rare", 10)]]
