"""Pages of random listings, compared with a plain filter over all artifacts."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from storage.artifacts.names import normalise
from storage.artifacts.projection import Projection
from storage.artifacts.records import Artifact, LookupField, PartialArtifact, Target
from storage.search.candidates import Limits
from storage.search.connections import prepare
from storage.search.links import Links, find_links
from storage.search.listing import Listing
from storage.search.pages import Window
from storage.search.paging import IdPage, matching_rows, read_page
from storage.search.schema import create_tables
from storage.search.writing import write_artifact
from tests.storage.contract.listing_oracle import ListingOracle
from tests.storage.samples import ORDERS, ids
from tests.storage.search.listed_artifacts import catalogues, listings

ALL_PLANS = [
    Limits(total=100, few=100, chunk=100, sorted=100),
    Limits(total=100, few=0, chunk=0, sorted=0),
    Limits(total=0, few=0, chunk=3, sorted=0),
    Limits(total=10, few=0, chunk=1, sorted=100),
    Limits(total=10, few=3, chunk=2, sorted=4),
]
"""Some sort, some walk through the index of the order, some do one after the other."""
plans = st.sampled_from(ALL_PLANS)
windows = st.builds(Window, st.integers(0, 4), from_end=st.booleans())


class Index:
    """A search index in memory, with the artifacts of a store."""

    def __init__(self, artifacts: Sequence[Artifact]) -> None:
        self.artifacts = artifacts
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        prepare(self.db)
        create_tables(self.db)
        for artifact in artifacts:
            write_artifact(self.db, artifact)

    def close(self) -> None:
        self.db.close()

    def find_links(self, wanted: Listing) -> Links:
        return find_links(wanted.filter, self.resolve)

    def resolve(
        self, targets: Iterable[Target], _: Projection[PartialArtifact]
    ) -> Mapping[Target, Artifact]:
        """The result of a store's `resolve`."""
        found = {}
        for target in targets:
            owners = [a for a in self.artifacts if _has_key(a, target)]
            if owners:
                found[target] = min(owners, key=lambda a: (a.named_at, a.id))
        return found

    def read(self, wanted: Listing, window: Window, limits: Limits | None = None) -> IdPage:
        return read_page(self.db, wanted, self.find_links(wanted), window, limits)

    def walk(self, wanted: Listing, limits: Limits, size: int, *, from_end: bool) -> list[str]:
        """The ids of all pages, which are read from the beginning or from the end."""
        found: list[str] = []
        position: str | None = None
        while True:
            after, before = (None, position) if from_end else (position, None)
            page = self.read(wanted, Window(size, after, before, from_end), limits)
            on_page = [id_ for _, id_ in page.entries]
            found = on_page + found if from_end else found + on_page
            flags = page.has_next, page.has_previous
            is_unfinished, has_begun = reversed(flags) if from_end else flags
            assert has_begun == (position is not None)
            if not is_unfinished:
                return found
            position = page.entries[0 if from_end else -1][0]

    def find_ids(self, wanted: Listing, limit: int) -> list[str]:
        rows = matching_rows(self.db, wanted, self.find_links(wanted), limit)
        by_row = dict(self.db.execute("SELECT row, id FROM search_artifact"))
        return [by_row[row] for row in rows]


def _has_key(artifact: Artifact, target: Target) -> bool:
    keys = {
        LookupField.ID: artifact.id,
        LookupField.URL: artifact.url,
        LookupField.NAME: normalise(artifact.name),
    }
    return artifact.type is target.type and keys[target.lookup_field] == target.value != ""


@given(catalogues, listings, st.integers(1, 5), st.booleans())
@settings(max_examples=50, deadline=None)
def test_a_walk_in_either_direction_has_each_match_once_in_order(
    artifacts: list[Artifact], wanted: Listing, size: int, from_end: bool
) -> None:
    oracle = ListingOracle(artifacts)
    with closing(Index(artifacts)) as index:
        for order, limits in product(ORDERS, ALL_PLANS):
            ordered = replace(wanted, order=order)
            expected = ids(oracle.read(ordered))
            assert index.walk(ordered, limits, size, from_end=from_end) == expected


@given(catalogues, listings, plans, windows, st.data())
@settings(max_examples=120, deadline=None)
def test_a_window_has_the_entries_between_its_positions(
    artifacts: list[Artifact],
    wanted: Listing,
    limits: Limits,
    window: Window,
    data: st.DataObject,
) -> None:
    size, from_end = window.size, window.from_end
    with closing(Index(artifacts)) as index:
        everything = index.read(wanted, Window(100)).entries
        places = st.none() | st.integers(0, len(everything) - 1) if everything else st.none()
        start, end = data.draw(places), data.draw(places)
        after, before = (None if at is None else everything[at][0] for at in (start, end))
        page = index.read(wanted, replace(window, after=after, before=before), limits)

    low = 0 if start is None else start + 1
    high = max(low, len(everything) if end is None else end)
    if from_end:
        first, last = max(low, high - size), high
        if end is not None and end < low:
            first = last = end
    else:
        first, last = low, min(high, low + size)
    assert page.entries == everything[first:last]
    assert page.has_previous == (first > 0)
    assert page.has_next == (last < len(everything))


@given(catalogues, listings, st.integers(0, 30))
@settings(max_examples=100, deadline=None)
def test_the_rows_of_all_matches_are_found(
    artifacts: list[Artifact], wanted: Listing, limit: int
) -> None:
    expected = ids(ListingOracle(artifacts).read(wanted))
    with closing(Index(artifacts)) as index:
        found = index.find_ids(wanted, limit)

    assert len(found) == len(set(found)) == min(limit, len(expected))
    assert set(found) <= set(expected)
