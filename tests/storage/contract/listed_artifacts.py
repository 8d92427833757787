"""Artifacts of all kinds, and their order in a listing."""

import pytest

from storage.artifacts.names import normalise
from storage.artifacts.records import Artifact
from storage.artifacts.writes import NewArtifact
from storage.search.listing import Order
from tests.storage.samples import (
    ALL_TYPES,
    NAMES,
    ORDERS,
    ids,
    new_artifact,
)

WORDS = ["Alpha", "alpha", "beta", "Beta max", "gamma", "ALPHA 2", "Ünïcode", "zeta", "", "β"]
each_order = pytest.mark.parametrize(
    "order", ORDERS, ids=["names", "names_back", "created", "created_back"]
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
    def place(artifact: Artifact) -> tuple[bytes, str]:
        if order.field is NAMES.field:
            return normalise(artifact.name).encode(), artifact.id
        return artifact.created_at.isoformat().encode(), artifact.id

    return ids(sorted(artifacts, key=place, reverse=order.descending))
