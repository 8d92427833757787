"""Walks from page to page, and the artifacts that they must see."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import cycle

from storage.artifacts.records import Artifact, ArtifactType
from storage.artifacts.writes import Identity, NewArtifact
from storage.reverse_links import ReverseLinkQuery
from storage.search.listing import Listing
from storage.search.pages import Window
from storage.store import Store
from tests.storage.contract.churn import NAMES
from tests.storage.contract.listing_oracle import ListingOracle, is_reversed, sort_key
from tests.storage.samples import (
    ALL_TYPES,
    CODE,
    DATASET,
    MODEL,
    ORDERS,
    START,
    by_id,
    by_name,
    by_url,
    ids,
    listing,
    new_artifact,
    squad,
)
from tests.storage.store_calls import register, register_one

FILTERS: list[dict[str, object]] = [
    {},
    {"names": ("a", "é", "strasse", "none")},
    {"name_starts_with": "a"},
    {"name_contains": "a"},
    {"name_matches": "^a"},
    {"tags_any": ("kept",)},
    {"name_starts_with": "a", "tags_all": ("kept",)},
    {"search": "a"},
    {"search": "settled"},
    {"rated": True},
]
LISTINGS = [
    listing(*types, order=order, **wanted)  # type: ignore[arg-type] # as FILTERS spells them
    for order in ORDERS
    for types in ((MODEL,), (DATASET, CODE), ALL_TYPES)
    for wanted in FILTERS
]
Act = Callable[[], object]


def settle(store: Store, number: int) -> list[Artifact]:
    """Artifacts of all types, some of one name or of one time."""
    # In another order than that of their names, times and ids.
    order = (at * 7 % number for at in range(number))
    drafts = (_settled(at, wanted) for at, wanted in zip(order, cycle(ALL_TYPES), strict=False))
    return register(store, *drafts)


def settle_models(store: Store) -> tuple[Artifact, list[Artifact]]:
    """A dataset, and models that refer to it in every way."""
    target = register_one(store, squad())
    ways = by_id(DATASET, target.id), by_url(DATASET, target.url), by_name(DATASET, "SQuAD")
    drafts = [new_artifact(MODEL, f"m{at}", *ways[at % 3 :][: 1 + at % 2]) for at in range(10)]
    return target, register(store, *drafts)


def expected(wanted: Listing, settled: Sequence[Artifact]) -> list[str]:
    """The ids of the artifacts of a listing, in its order."""
    return ids(ListingOracle(settled).read(wanted))


def read_while_acting(
    store: Store, wanted: Listing, sizes: Sequence[int], act: Act
) -> list[Artifact]:
    """Read a listing from its beginning in pages of these sizes; call `act` between them."""
    found: list[Artifact] = []
    after = None
    for size in cycle(sizes):
        page = store.page(wanted, Window(size, after))
        assert len(page.entries) <= size
        found += [entry.artifact for entry in page.entries]
        if not page.has_next:
            break
        assert page.end not in (None, after)
        after = page.end
        act()
    return found


def read_back_while_acting(
    store: Store, wanted: Listing, sizes: Sequence[int], act: Act
) -> list[Artifact]:
    """Read a listing from its end in pages of these sizes; call `act` between them."""
    found: list[Artifact] = []
    before = None
    for size in cycle(sizes):
        page = store.page(wanted, Window(size, before=before, from_end=True))
        assert len(page.entries) <= size
        found = [*(entry.artifact for entry in page.entries), *found]
        if not page.has_previous:
            break
        assert page.start not in (None, before)
        before = page.start
        act()
    return found


def assert_seen(
    store: Store, wanted: Listing, settled: Sequence[Artifact], sizes: Sequence[int], act: Act
) -> None:
    """Check that walks see settled artifacts once, in order, and no position twice."""
    for read in (read_while_acting, read_back_while_acting):
        found = read(store, wanted, sizes, act)
        places = [sort_key(wanted, artifact) for artifact in found]
        assert places == sorted(set(places), reverse=is_reversed(wanted))
        _assert_all_settled(wanted, found, settled)


def _assert_all_settled(
    wanted: Listing, found: Sequence[Artifact], settled: Sequence[Artifact]
) -> None:
    stayed = set(ids(settled))
    assert [id_ for id_ in ids(found) if id_ in stayed] == expected(wanted, settled)


def assert_models_seen(
    store: Store, target: Artifact, models: Sequence[Artifact], sizes: Sequence[int], act: Act
) -> None:
    """Check that a walk through the models of an artifact sees settled ones once, in order."""
    found: list[str] = []
    after = None
    for size in cycle(sizes):
        (page,) = store.read_reverse_links([ReverseLinkQuery(target, size, after)])
        assert len(page.entries) <= size
        found += [entry.artifact.id for entry in page.entries]
        if not page.has_next:
            break
        after = page.end
        act()
    assert found == sorted(set(found))
    stayed = set(ids(models))
    assert [id_ for id_ in found if id_ in stayed] == sorted(stayed)


def _settled(at: int, artifact_type: ArtifactType) -> NewArtifact:
    identity = Identity(
        id=f"id-{at:02}",
        version=1,
        created_at=START + timedelta(seconds=at // 5),
        updated_at=START,
        named_at=START + timedelta(days=at),
    )
    return new_artifact(
        artifact_type,
        NAMES[at % len(NAMES)],
        url=f"https://example.org/settled/{at}",
        identity=identity,
        tags=("kept",) if at % 2 else (),
        rated=0.5 if at % 3 else None,
    )
