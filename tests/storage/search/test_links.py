"""Resolving the targets of reference conditions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from storage.artifacts.names import normalise
from storage.artifacts.projection import Projection
from storage.artifacts.records import (
    Artifact,
    ArtifactType,
    LookupField,
    PartialArtifact,
    ReferenceKind,
    Target,
)
from storage.artifacts.write_rules import Stamp, make_artifact
from storage.artifacts.writes import Identity
from storage.errors import UndecodableError
from storage.search.links import LinkKey, Links, find_links
from storage.search.listing import Filter, ReferenceCondition
from tests.storage.samples import (
    CODE,
    DATASET,
    MODEL,
    START,
    by_id,
    by_name,
    by_url,
    new_artifact,
)

BY_DATASET = ReferenceKind.DATASET
Found = Mapping[Target, PartialArtifact | UndecodableError]


def dataset(id_: str, name: str, seconds: int = 0) -> Artifact:
    at = START + timedelta(seconds=seconds)
    identity = Identity(id=id_, version=1, created_at=at, updated_at=at, named_at=at)
    url = f"https://example.org/{id_}"
    made = new_artifact(DATASET, name, url=url, identity=identity)
    return replace(make_artifact(made, Stamp(at)), named_at=at)


class Resolver:
    """A store's `resolve`, which counts its calls."""

    def __init__(self, *artifacts: Artifact) -> None:
        self.artifacts = artifacts
        self.calls = 0

    def __call__(self, targets: Sequence[Target], _: Projection[PartialArtifact]) -> Found:
        self.calls += 1
        found = {t: [a for a in self.artifacts if _has_key(a, t)] for t in targets}
        return {t: min(a, key=lambda a: a.named_at) for t, a in found.items() if a}


def _has_key(artifact: Artifact, target: Target) -> bool:
    keys = {
        LookupField.ID: artifact.id,
        LookupField.URL: artifact.url,
        LookupField.NAME: normalise(artifact.name),
    }
    return artifact.type is target.type and keys[target.lookup_field] == target.value


def links_to(resolve: Resolver, *targets: Target) -> list[tuple[LookupField, str]]:
    """The keys that references of datasets must have to meet a condition with these targets."""
    filter_ = Filter(types=(MODEL,), references=(ReferenceCondition(targets=targets),))
    (keys,) = find_links(filter_, resolve).keys
    assert keys is not None
    assert all(key.kind is BY_DATASET for key in keys)
    return [(key.by, key.target) for key in keys]


def test_a_target_stands_for_its_artifact_by_id_url_and_owned_name() -> None:
    resolve = Resolver(dataset("d1", "SQuAD "))
    expected = [
        (LookupField.ID, "d1"),
        (LookupField.URL, "https://example.org/d1"),
        (LookupField.NAME, "squad"),
    ]

    for reference in (
        by_id(DATASET, "d1"),
        by_url(DATASET, "https://example.org/d1"),
        by_name(DATASET, "squad"),
    ):
        assert links_to(resolve, reference.target) == expected


def test_a_name_that_another_artifact_owns_does_not_stand_for_it() -> None:
    resolve = Resolver(dataset("first", "squad"), dataset("second", "SQuAD", seconds=1))

    assert links_to(resolve, by_id(DATASET, "second").target) == [
        (LookupField.ID, "second"),
        (LookupField.URL, "https://example.org/second"),
    ]


def test_a_blank_name_stands_for_nothing() -> None:
    resolve = Resolver(dataset("d1", " "))

    assert links_to(resolve, by_id(DATASET, "d1").target) == [
        (LookupField.ID, "d1"),
        (LookupField.URL, "https://example.org/d1"),
    ]


def test_targets_that_resolve_to_nothing_are_met_by_no_reference() -> None:
    resolve = Resolver(dataset("d1", "squad"))

    assert links_to(resolve, by_id(DATASET, "other").target, by_id(CODE, "d1").target) == []


def test_an_artifact_that_cannot_be_decoded_is_met_by_no_reference() -> None:
    target = by_id(DATASET, "d1").target
    filter_ = Filter(types=(MODEL,), references=(ReferenceCondition(targets=(target,)),))

    links = find_links(filter_, lambda *_: {target: UndecodableError("damaged")})

    assert links == Links(((),))


def test_targets_of_all_conditions_are_resolved_together() -> None:
    resolve = Resolver(dataset("d1", "a"), dataset("d2", "b"))
    conditions = (
        ReferenceCondition(targets=(by_id(DATASET, "d1").target,)),
        ReferenceCondition(kind=BY_DATASET),
        ReferenceCondition(targets=(by_id(DATASET, "d2").target, by_id(DATASET, "d1").target)),
        ReferenceCondition(targets=()),
    )
    links = find_links(Filter(types=(MODEL,), references=conditions), resolve)

    d1 = (
        LinkKey(BY_DATASET, LookupField.ID, "d1"),
        LinkKey(BY_DATASET, LookupField.URL, "https://example.org/d1"),
        LinkKey(BY_DATASET, LookupField.NAME, "a"),
    )
    first, none, both, nothing = links.keys
    assert (first, none, nothing) == (d1, None, ())
    assert both is not None
    assert both[3:] == d1
    # One call for the targets, one for the owners of their names.
    assert resolve.calls == 2


def test_a_filter_without_targets_resolves_nothing() -> None:
    resolve = Resolver()
    conditions = (ReferenceCondition(kind=BY_DATASET), ReferenceCondition(targets=()))

    assert find_links(Filter(types=(MODEL,)), resolve) == Links()
    assert find_links(Filter(types=(MODEL,), references=conditions), resolve).keys == (None, ())
    assert resolve.calls == 0


def test_links_of_the_same_targets_are_equal_and_hashable() -> None:
    target = by_id(DATASET, "d1").target
    filter_ = Filter(types=(MODEL,), references=(ReferenceCondition(targets=(target,)),))
    resolve = Resolver(dataset("d1", "a"))
    types: tuple[ArtifactType, ...] = (MODEL, CODE)

    first = find_links(filter_, resolve)
    second = find_links(replace(filter_, types=types), resolve)
    assert first == second
    assert len({first, second}) == 1
