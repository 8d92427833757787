"""Random listings, of which most have matches in the catalogue."""

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from storage.artifacts.names import normalise
from storage.artifacts.records import Artifact, ReferenceKind, ReferenceRole
from storage.search.folding import fold_search
from storage.search.listing import (
    Filter,
    Listing,
    PropertyCondition,
    ReferenceCondition,
    ReferenceState,
    TimeRange,
)
from tests.storage.contract.catalogue import LICENSES, NAMES, TAGS
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
)

SEARCHES = (
    "bert", "BERT base", "base bert", "ünï", "UNI", "koln modell", "be", "b", "%", "_",
    "100% _ok", "example.org", "vision", "a b", "strasse", '"bert"', "none such", "NLP be",
)  # fmt: skip
TARGETS = (
    by_id(DATASET, "squad-1").target,
    by_id(DATASET, "squad-2").target,
    by_name(DATASET, "SQUAD").target,
    by_url(DATASET, "https://example.org/squad-2").target,
    by_name(CODE, "appears later").target,
    by_name(MODEL, "base").target,
    by_id(CODE, "base").target,
)
Draw = random.Random


def draw_listing(draw: Draw, artifacts: Sequence[Artifact]) -> Listing:
    """Draw a listing with up to three conditions, and in a third of cases a search."""
    types = tuple(draw.sample(ALL_TYPES, draw.choice((1, 1, 2, 3))))
    names = draw.sample(list(CONDITIONS), draw.choice((0, 1, 1, 2, 3)))
    conditions = {name: CONDITIONS[name](draw, artifacts) for name in names}
    search = fold_search(draw.choice(SEARCHES)) if draw.random() < 1 / 3 else ""
    return Listing(Filter(types=types, **conditions), draw.choice(ORDERS), search)


def _some(draw: Draw, values: Sequence[Any], most: int = 3) -> tuple[Any, ...]:
    return tuple(draw.sample(values, min(len(values), draw.randint(0, most))))


def _texts(values: Sequence[str | None]) -> list[str | None]:
    return list(dict.fromkeys(value and normalise(value) for value in values))


def _times(draw: Draw, days: int) -> TimeRange:
    ends = [START + timedelta(days=draw.randint(0, days), seconds=draw.randint(0, 20))]
    ends.append(ends[0] + timedelta(seconds=draw.randint(0, 40)))
    return TimeRange(*(end if draw.random() < 3 / 4 else None for end in ends))


def _properties(draw: Draw) -> tuple[PropertyCondition, ...]:
    pairs = [("framework", None), ("framework", "jax"), ("framework", "torch"), ("steps", "")]
    return tuple(PropertyCondition(*pair) for pair in draw.sample(pairs, draw.randint(1, 2)))


def _references(draw: Draw) -> tuple[ReferenceCondition, ...]:
    maybe: Callable[[Any], Any] = lambda value: value if draw.random() < 1 / 2 else None  # noqa: E731
    return tuple(
        ReferenceCondition(
            kind=maybe(draw.choice(list(ReferenceKind))),
            role=maybe(draw.choice(list(ReferenceRole)[:6])),
            targets=maybe(_some(draw, TARGETS, 2)),
            states=maybe(_some(draw, list(ReferenceState), 2)),
        )
        for _ in range(draw.choice((1, 1, 2)))
    )


CONDITIONS: dict[str, Callable[[Draw, Sequence[Artifact]], Any]] = {
    "ids": lambda draw, every: _some(draw, [a.id for a in every], 9),
    "names": lambda draw, _: _some(draw, [*_texts(NAMES), "none"]),
    "name_starts_with": lambda draw, _: draw.choice(("", "b", "bert", "bert ", "s", "z%")),
    "name_contains": lambda draw, _: draw.choice(("", "er", "e", "%", "ü", "ss", "none")),
    "name_matches": lambda draw, _: draw.choice(("^b", "(?i)bert", "^[a-z/]+$", "none")),
    "urls": lambda draw, every: _some(draw, [a.url for a in every], 9),
    "url_starts_with": lambda draw, _: draw.choice(
        ("https://example.org/model/", "https://example.org/M", "https://example.org/code/b")
    ),
    "tags_all": lambda draw, _: _some(draw, _texts(TAGS), 2),
    "tags_any": lambda draw, _: _some(draw, _texts(TAGS)),
    "tags_none": lambda draw, _: _some(draw, _texts(TAGS), 2),
    "tags_is_empty": lambda draw, _: draw.random() < 1 / 2,
    "licenses": lambda draw, _: _some(draw, _texts(LICENSES)),
    "properties": lambda draw, _: _properties(draw),
    "created_by": lambda draw, _: _some(draw, [None, "alice", "bob", "nobody"]),
    "created_at": lambda draw, _: _times(draw, 0),
    "updated_at": lambda draw, _: _times(draw, 2),
    "rated": lambda draw, _: draw.random() < 1 / 2,
    "net_score_at_least": lambda draw, _: draw.choice((0.0, 0.25, 0.3)),
    "net_score_at_most": lambda draw, _: draw.choice((0.0, 0.5, 0.7)),
    "references": lambda draw, _: _references(draw),
}
"""The functions that draw the conditions of a filter."""
