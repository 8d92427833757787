"""Artifacts of all kinds, and the orders in which they are listed."""

import pytest

from storage.artifacts.records import Artifact
from storage.artifacts.writes import NewArtifact
from storage.search.listing import Order
from tests.storage.contract.listing_oracle import ListingOracle
from tests.storage.samples import (
    ALL_TYPES,
    ORDERS,
    ids,
    listing,
    new_artifact,
)

WORDS = ["Alpha", "alpha", "beta", "Beta max", "gamma", "ALPHA 2", "Ünïcode", "zeta", "", "β"]
each_order = pytest.mark.parametrize(
    "order",
    ORDERS,
    ids=[f"{o.field.value}{'_back' if o.descending else ''}" for o in ORDERS],
)


def various_artifacts() -> list[NewArtifact]:
    return [
        new_artifact(
            ALL_TYPES[at % 3],
            WORDS[at % len(WORDS)],
            url=f"https://example.org/{at}",
            tags=("even",) if at % 2 == 0 else ("odd", "five") if at % 5 == 0 else (),
            license=[None, "mit", "MIT"][at % 3],
            rated=at / 40 if at % 6 == 0 else None,
        )
        for at in range(40)
    ]


def sorted_ids(order: Order, artifacts: list[Artifact]) -> list[str]:
    return ids(ListingOracle(artifacts).read(listing(order=order)))
