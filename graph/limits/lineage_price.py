"""The price of walks over references: lineages, provenances and paths.

The numbers are in proportion to the time that the store takes at worst.
"""

from collections.abc import Mapping
from typing import Any

WALK_COST = 50
"""Of a lineage or a provenance, besides the cost for each artifact that it may find."""
PATHS_COST = 10_000
"""Of `lineagePaths`, which may look at many links for few paths."""
_ARTIFACT_COSTS = {"lineage": 5, "provenance": 10}
"""For each artifact of `first`, by field; twice as much for a lineage in both directions."""
_DEFAULT_FIRST, _MAX_FIRST = 100, 1_000

REPEATED_FIELDS: Mapping[str, Mapping[str, int]] = {
    "LineageGraph": {"nodes": 1, "edges": 3, "mermaid": 1},
    "Provenance": {"references": 10, "licenses": 1},
    "LineagePaths": {"paths": 1},
}
"""How often fields of these types are repeated for each item of `first`; others are not."""
LIST_LENGTHS = {"LineagePath": 10, "LicenseUse": 1}
"""The assumed lengths of the lists of these types."""


def is_walk(name: str) -> bool:
    """Return whether a field of artifacts with this name walks over references."""
    return name in _ARTIFACT_COSTS


def price_walk(name: str, arguments: Mapping[str, Any]) -> int:
    """Return the price of a walk, besides that of its fields.

    `arguments` are `first` and `direction` as a client gave them, not validated.
    """
    first = arguments.get("first")
    size = min(abs(first), _MAX_FIRST) if isinstance(first, int) else _DEFAULT_FIRST
    directions = 2 if arguments.get("direction") == "BOTH" else 1
    return WALK_COST + _ARTIFACT_COSTS[name] * size * directions
