"""Random artifacts and listings of them, with text that is hard to search."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from storage.artifacts.names import normalise
from storage.artifacts.records import (
    Actor,
    Artifact,
    LookupField,
    Reference,
    ReferenceKind,
    ReferenceRole,
    ResolvedTarget,
    SavedRating,
    Target,
)
from storage.search.folding import fold_search
from storage.search.listing import (
    Filter,
    Listing,
    PropertyCondition,
    ReferenceCondition,
    ReferenceState,
    TimeRange,
)
from tests.storage.samples import ALL_TYPES, ORDERS, START, rating

NAMES = [
    "bert",
    "Bert base",
    "BERT-base",
    "my bert",
    'bert"x"',
    "Straße",
    "STRASSE",
    "\u00fcn\u00ef",
    "u\u0308n",
    "a%b",
    "a_b",
    "'",
    "*",
    "",
    "\u00e9a",
    "e\u0301A",
    "\ubaa8\ub378",
    "\ufb01ne tuned",
    "\U0001d49ci",
    "\U0010ffff",
    "a\U0010ffffb",
    "NOT a",
    "x AND y",
    "name:bert",
    "\u1fb3",
    "a",
]
TEXTS = [
    *NAMES,
    "Trained on bert.",
    "zz top",
    "\ud55c\uad6d\uc5b4 model",
    "100% _ok_ [x]",
    "a\nb",
]
TAGS = ["nlp", "NLP", "Vision", "\u00dcn\u00ef", "a b", "", "a\x00b", "zz"]
LICENSES = [None, "mit", "MIT", "Apache-2.0", ""]
ACTORS = [None, Actor("alice"), Actor("Alice", "x"), Actor("bob")]
IDS = [f"id-{(n * 37) % 100:02}" for n in range(24)]
URLS = [f"https://example.org/{'M' if n % 2 else 'm'}{n}" for n in range(24)]
PAIRS = [
    ("framework", "jax"),
    ("Framework", "JAX"),
    ("framework", "torch"),
    ("steps", ""),
    ("", "x"),
]

times = st.integers(0, 5).map(lambda n: START + timedelta(microseconds=n * 300_000))
targets = st.one_of(
    st.tuples(st.just(LookupField.ID), st.sampled_from(IDS)),
    st.tuples(st.just(LookupField.URL), st.sampled_from(URLS)),
    st.tuples(st.just(LookupField.NAME), st.sampled_from(NAMES)),
)
references = st.builds(
    lambda kind, target, stamp, role: Reference(kind, target[0], target[1], stamp, role),
    st.sampled_from(ReferenceKind),
    targets,
    st.none() | st.sampled_from(IDS).map(ResolvedTarget),
    st.none() | st.sampled_from(ReferenceRole),
)
ratings = st.none() | st.sampled_from([-1.0, 0.0, 0.25, 0.5, 1.0]).map(
    lambda net: SavedRating(rating(net))
)


def _few(values: Any, most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    strategy = values if isinstance(values, st.SearchStrategy) else st.sampled_from(values)
    return st.lists(strategy, max_size=most).map(tuple)


drafts = st.builds(
    Artifact,
    id=st.just(""),
    type=st.sampled_from(ALL_TYPES),
    name=st.sampled_from(NAMES),
    url=st.just(""),
    download_url=st.none(),
    version=st.just(1),
    named_at=times,
    created_at=times,
    updated_at=times,
    license=st.sampled_from(LICENSES),
    tags=_few(TAGS),
    references=_few(references),
    rating=ratings,
    description=st.none() | st.sampled_from(TEXTS),
    properties=_few(PAIRS).map(lambda pairs: tuple(dict(pairs).items())),
    created_by=st.sampled_from(ACTORS),
    updated_by=st.none(),
    content_version=st.just(1),
)


def _identify(made: list[Artifact]) -> list[Artifact]:
    return [replace(each, id=IDS[at], url=URLS[at]) for at, each in enumerate(made)]


catalogues = (
    st.sampled_from([0, 1, 3, 8, 12, len(IDS)])
    .flatmap(lambda size: st.lists(drafts, min_size=size, max_size=size))
    .map(_identify)
)
"""The artifacts of a store."""

normalised_names = st.sampled_from(list(map(normalise, NAMES)))
parts_of_names = st.builds(
    lambda name, start, size: normalise(name[start : start + size]),
    normalised_names,
    st.integers(0, 3),
    st.integers(1, 5),
)
words = st.builds(
    lambda text, start, size: text[start : start + size],
    st.sampled_from([*TEXTS, "example.org", *TAGS]),
    st.integers(0, 4),
    st.integers(1, 6),
)
searches = st.lists(words, max_size=3).map(lambda found: fold_search(" ".join(found)))
some_target = st.builds(
    lambda artifact_type, target: Target(
        artifact_type,
        target[0],
        normalise(target[1]) if target[0] is LookupField.NAME else target[1],
    ),
    st.sampled_from(ALL_TYPES),
    targets,
)


def _tags(values: list[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return _few([value and normalise(value) for value in values])


conditions: dict[str, st.SearchStrategy[Any]] = {
    "ids": _few(IDS, 9),
    "names": _few(normalised_names, 9),
    "name_starts_with": parts_of_names,
    "name_contains": parts_of_names,
    "name_matches": st.sampled_from(["", "^b", "(?i)BERT", "[^a]$", "\u00fc", "x{3}"]),
    "urls": _few(URLS, 12),
    "url_starts_with": st.sampled_from(["https://example.org/m", "https://example.org/M1"]),
    "tags_all": _tags(TAGS),
    "tags_any": _tags(TAGS),
    "tags_none": _tags(TAGS),
    "tags_is_empty": st.booleans(),
    "licenses": _tags(LICENSES),
    "properties": _few(
        st.builds(
            PropertyCondition,
            st.sampled_from(["framework", "steps", ""]),
            st.none() | st.sampled_from(["jax", "torch", "", "x"]),
        ),
        2,
    ),
    "created_by": _tags([None, "alice", "bob"]),
    "created_at": st.builds(TimeRange, st.none() | times, st.none() | times),
    "updated_at": st.builds(TimeRange, st.none() | times, st.none() | times),
    "rated": st.booleans(),
    "net_score_at_least": st.sampled_from([-1.0, 0.0, 0.3, 2.0]),
    "net_score_at_most": st.sampled_from([-1.0, 0.3, 0.5]),
    "references": _few(
        st.builds(
            ReferenceCondition,
            st.none() | st.sampled_from(ReferenceKind),
            st.none() | st.sampled_from(ReferenceRole),
            st.none() | _few(some_target),
            st.none() | _few(list(ReferenceState)),
        ),
        2,
    ),
}
some_types = st.lists(st.sampled_from(ALL_TYPES), min_size=1, max_size=3).map(tuple)
filters = st.builds(
    lambda types, given: Filter(types=types, **given),
    st.just(ALL_TYPES) | some_types,
    # With more conditions, hardly anything would match.
    st.lists(st.sampled_from(sorted(conditions)), max_size=2, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: conditions[name] for name in names})
    ),
)
listings = st.builds(Listing, filters, st.sampled_from(ORDERS), st.just("") | searches)
