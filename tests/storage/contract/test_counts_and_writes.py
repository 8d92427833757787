"""Counts and facets equal a plain count of the artifacts, whoever changed these meanwhile."""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from storage.artifacts.records import Artifact
from storage.artifacts.writes import ArtifactPatch, Written
from storage.search.facets import FacetField, FacetRequest
from storage.search.listing import Listing
from storage.store import Store
from tests.storage.contract.facet_oracle import count_facet
from tests.storage.contract.listing_oracle import ListingOracle
from tests.storage.samples import ALL_TYPES, DATASET, MODEL, ids, listing, new_artifact, rating
from tests.storage.store_calls import delete, read_all, register, register_one

FIELDS = (FacetField.TYPE, FacetField.TAG, FacetField.LICENSE, FacetField.CREATED_BY)
REQUESTS = [FacetRequest(field, first=100) for field in FIELDS]
TAGS = ("a", "A", "b", "c")
LICENSES = ("mit", "MIT", None)
WANTED = (
    listing(),
    listing(DATASET),
    listing(tags_any=("a",)),
    listing(tags_all=("a", "b")),
    listing(tags_none=("c",), licenses=(None, "mit")),
    listing(tags_is_empty=True),
    listing(MODEL, rated=True),
    listing(rated=False, search="m1"),
    listing(name_contains="m", tags_any=("b", "c")),
)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("bitmaps", "chunk_versions", "value_columns"):
        monkeypatch.setattr(f"storage.search.{module}.CHUNK", 4)


def expect_plain_counts(store: Store, wanted: Sequence[Listing] = WANTED) -> None:
    oracle = ListingOracle(store.scan())
    for each in wanted:
        matches = oracle.read(each)
        assert store.count(each) == len(matches)
        assert sorted(ids(read_all(store, each))) == sorted(ids(matches))
        expected = [count_facet(oracle, each, request) for request in REQUESTS]
        assert [list(values or ()) for values in store.count_facets(each, REQUESTS)] == expected


class Writes:
    """Random writes of values that are counted."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)  # noqa: S311 - no secret
        self._number = 0

    def fill(self, store: Store, count: int) -> None:
        for _ in range(count):
            self._register(store)

    def act(self, store: Store) -> None:
        """Make a write to a random artifact, or register one."""
        artifacts = list(store.scan())
        changed = self._draw.choice(artifacts) if artifacts else None
        if changed is None or self._draw.random() < 0.3:
            self._register(store)
        elif self._draw.random() < 0.3:
            delete(store, changed)
        else:
            self._update(store, changed)

    def _register(self, store: Store) -> None:
        self._number += 1
        type_, tags = self._draw.choice(ALL_TYPES), self._draw.choices(TAGS, k=2)
        new = new_artifact(type_, f"m{self._number}", tags=tuple(dict.fromkeys(tags)))
        register_one(store, new)

    def _update(self, store: Store, changed: Artifact) -> None:
        changes = [
            ArtifactPatch(tags=tuple(self._draw.sample(TAGS, self._draw.randrange(3)))),
            ArtifactPatch(license=self._draw.choice(LICENSES)),
        ]
        if changed.type is MODEL:
            changes.append(ArtifactPatch(rating=rating(self._draw.choice([0.25, 0.5]))))
        outcome = store.update(changed.id, None, self._draw.choice(changes))
        assert isinstance(outcome, Written), outcome


@pytest.mark.parametrize("seed", range(2))
def test_counts_are_exact_after_each_write_of_another_opening(
    store: Store, again: Store, seed: int
) -> None:
    writes = Writes(seed)
    writes.fill(store, 10)
    for openings in ((store, again), (again, store)) * 3:
        expect_plain_counts(store)
        for opening in openings:
            writes.act(opening)
        expect_plain_counts(again)


def test_counts_are_exact_after_another_opening_deleted_everything(
    store: Store, again: Store
) -> None:
    Writes(1).fill(store, 10)
    expect_plain_counts(store)

    for artifact in list(again.scan()):
        delete(again, artifact)
        expect_plain_counts(store)

    Writes(2).fill(again, 6)
    expect_plain_counts(store)


def test_counts_are_exact_after_another_opening_reset_the_store(
    store: Store, again: Store
) -> None:
    Writes(1).fill(store, 10)
    expect_plain_counts(store)

    list(again.reset())
    assert store.count(listing()) == 0
    expect_plain_counts(store)

    Writes(2).fill(again, 6)
    expect_plain_counts(store)


def test_counts_are_exact_after_another_opening_built_the_index_anew(
    store: Store, again: Store
) -> None:
    Writes(1).fill(store, 10)
    expect_plain_counts(store)

    again.reindex(lambda *_: None)
    Writes(2).act(again)

    expect_plain_counts(store)


def test_facets_during_writes_are_those_of_one_state(store: Store, again: Store) -> None:
    """Each artifact has its license as its only tag, in every state of the store."""
    models = register(
        store, *(new_artifact(MODEL, f"m{n}", tags=("a",), license="a") for n in range(10))
    )
    requests = [FacetRequest(FacetField.TAG), FacetRequest(FacetField.LICENSE)]
    filtered = listing(tags_any=("a", "b", "c"), name_contains="m")
    done = Event()

    def follow(opening: Store, wanted: Listing) -> Callable[[], int]:
        def read() -> int:
            count = 0
            while not done.is_set() or not count:
                tags, licenses = opening.count_facets(wanted, requests)
                assert tags == licenses
                assert sum(value.count for value in tags or ()) == len(models)
                count += 1
            return count

        return read

    with ThreadPoolExecutor(3) as pool:
        reading = [
            pool.submit(follow(opening, wanted))
            for opening, wanted in ((store, listing()), (store, filtered), (again, filtered))
        ]
        try:
            for n in range(60):
                value = "abc"[n % 3]
                writer = (store, again)[n % 2]
                changes = ArtifactPatch(tags=(value,), license=value)
                writer.update(models[n % len(models)].id, None, changes)
        finally:
            done.set()
        assert all(each.result() for each in reading)

    expect_plain_counts(store)
    expect_plain_counts(again)
