"""The price of walks over references: lineages, provenances and paths.

The numbers are in proportion to the time that the store takes at worst.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from graph.limits.price_terms import Terms


class _Walk(NamedTuple):
    """A field that follows references for as many artifacts as `first` asks for."""

    cost: float
    artifact_cost: float
    default: int
    maximum: int


_WALKS = {
    "lineage": _Walk(50, 9, 100, 1_000),
    "provenance": _Walk(50, 14, 100, 1_000),
    "mlBom": _Walk(50, 12, 1_000, 1_000),
    "lineagePaths": _Walk(10_000, 0, 10, 100),
}
WALKS = {
    "Model": {"lineage", "mlBom", "provenance"},
    "Dataset": {"lineage"},
    "Code": {"lineage"},
    "Query": {"lineagePaths"},
}
"""The fields that walk over references, by type. Few paths may need many links."""
EDGE_FIELDS = {"LineageGraph": {"edges", "mermaid"}, "Provenance": {"references"}}
"""The fields with an item for each reference that was followed, by type."""
EDGE_COST = 0.5
"""Of an edge, besides its fields."""
_EDGES, _EDGES_OF_ARTIFACT = 100, 10
"""The references of a walk: so many, and so many more for each artifact of `first`."""


def price_walk(name: str, arguments: Mapping[str, Any], inner: Terms) -> Terms:
    """Return the price of a walk, with that of its selections.

    `arguments` are coerced; a lineage in both directions is two walks.
    """
    walk, first = _WALKS[name], arguments.get("first")
    size = min(max(1, first), walk.maximum) if isinstance(first, int) else walk.default
    direction = arguments.get("direction")
    directions = 2 if getattr(direction, "name", direction) == "BOTH" else 1
    cost = walk.cost + walk.artifact_cost * size * directions
    edges = _EDGES + _EDGES_OF_ARTIFACT * size
    return Terms(once=cost + inner.once + size * inner.items + edges * inner.edges)
