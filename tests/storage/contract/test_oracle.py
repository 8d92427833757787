"""SQLite and DynamoDB give the same answers to the same operations, whatever they are."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from storage.artifacts.names import normalise
from storage.artifacts.records import (
    Artifact,
    ArtifactPatch,
    ArtifactType,
    Identity,
    LookupField,
    NewArtifact,
    OnConflict,
    Reference,
    ReferenceKind,
    Registered,
    Target,
    WriteError,
)
from storage.errors import StoreUnavailableError
from storage.store import ReverseLinkQuery, Store
from tests.storage.engines import DYNAMO_ENGINES, opened
from tests.storage.samples import DAWN, EVERY_TYPE, MODEL, ORDERS, draft, listing, rating, walk

NAMES = ["squad", "SQuAD", " squad", "glue", "Straße", "STRASSE", "é", "e\u0301", ""]
URLS = [f"https://example.org/{n}" for n in range(5)]
IDS = [f"id-{(n * 37) % 100:02}" for n in range(12)]
Outcome = Registered | WriteError | StoreUnavailableError | Artifact

types = st.sampled_from(EVERY_TYPE)
some_name = st.sampled_from(NAMES)
some_url = st.sampled_from(URLS)
some_id = st.sampled_from(IDS)
picks = st.integers(0, 1_000)
references = st.one_of(
    st.builds(Reference, st.sampled_from(ReferenceKind), st.just(LookupField.ID), some_id),
    st.builds(Reference, st.sampled_from(ReferenceKind), st.just(LookupField.URL), some_url),
    st.builds(Reference, st.sampled_from(ReferenceKind), st.just(LookupField.NAME), some_name),
)
some_references = st.lists(references, max_size=5)
drafts = st.tuples(types, some_name, some_url, some_references)
fields = st.fixed_dictionaries(
    {},
    optional={
        "name": some_name,
        "url": some_url,
        "license": st.sampled_from([None, "mit", "apache-2.0"]),
        "tags": st.sampled_from([(), ("a",), ("b", "a")]),
    },
)


def _kinds(asked: Sequence[Reference]) -> ArtifactPatch:
    found = ArtifactPatch()
    for field, kind in (
        ("datasets", ReferenceKind.DATASET),
        ("codes", ReferenceKind.CODE),
        ("base_models", ReferenceKind.BASE_MODEL),
    ):
        found[field] = tuple(r for r in asked if r.kind is kind)  # type: ignore[literal-required] # the names above
    return found


def _timeless(artifact: Artifact) -> Artifact:
    """Each store stamps updates by itself."""
    return replace(artifact, updated_at=DAWN, named_at=DAWN)


def _is_unordered(made: Sequence[NewArtifact], how: OnConflict) -> bool:
    """Whether the drafts of a batch are not in each other's way: each is on its own.

    Which of two comes first to a name is a matter of the store, where one is an update.
    """
    urls = {(draft.type, draft.url) for draft in made}
    names = {(draft.type, normalise(draft.name)) for draft in made}
    return how is OnConflict.REJECT or len(urls) == len(names) == len(made)


def _plain(outcome: Outcome) -> object:
    if isinstance(outcome, Artifact):
        return _timeless(outcome)
    if isinstance(outcome, Registered):
        return outcome.created, _timeless(outcome.artifact)
    if isinstance(outcome, StoreUnavailableError):
        raise outcome
    way = outcome.artifact and _timeless(outcome.artifact)
    return outcome.code, outcome.field, outcome.message, way


class Stores(RuleBasedStateMachine):
    """Two stores that are told the same."""

    engine: ClassVar[str] = "moto"

    def __init__(self) -> None:
        super().__init__()
        self.opened = ExitStack()
        path = Path(self.opened.enter_context(TemporaryDirectory()))
        self.sqlite = self.opened.enter_context(opened("sqlite", path / "registry.db"))
        self.dynamo = self.opened.enter_context(opened(self.engine, path))
        self.last = datetime.now(UTC)
        self.given = 0
        self.hints: dict[Target, list[Target]] = {}

    def teardown(self) -> None:
        try:
            self.everything_is_the_same()
            assert list(self.sqlite.check()) == []
            assert list(self.dynamo.check()) == []
        finally:
            self.opened.close()

    @property
    def there(self) -> list[Artifact]:
        return list(self.sqlite.scan())

    def both(self, outcomes: Sequence[Outcome], others: Sequence[Outcome]) -> None:
        assert [_plain(o) for o in others] == [_plain(o) for o in outcomes]
        for outcome in others:
            artifact = outcome.artifact if isinstance(outcome, Registered) else outcome
            if isinstance(artifact, Artifact):
                for reference in artifact.references:
                    self.hints.setdefault(reference.target, []).append(reference.target)

    def identity(self) -> Identity:
        self.last = stamp = max(datetime.now(UTC), self.last + timedelta(microseconds=1))
        self.given += 1
        id_ = IDS[self.given % len(IDS)] if self.given % 5 else f"new-{self.given}"
        return Identity(id=id_, version=1, created_at=stamp, updated_at=stamp, named_at=stamp)

    @rule(wanted=st.lists(drafts, min_size=1, max_size=5), how=st.sampled_from(OnConflict))
    def register(
        self,
        wanted: list[tuple[ArtifactType, str, str, list[Reference]]],
        how: OnConflict,
    ) -> None:
        made = [
            draft(
                of,
                name,
                *(asked if of is MODEL else ()),
                url=url,
                identity=self.identity(),
            )
            for of, name, url, asked in wanted
        ]
        for batch in [made] if _is_unordered(made, how) else [[one] for one in made]:
            self.both(self.sqlite.register(batch, how), self.dynamo.register(batch, how))

    @rule(pick=picks, newer=st.booleans(), how=st.sampled_from(OnConflict))
    def restore(self, pick: int, newer: bool, how: OnConflict) -> None:
        if not (there := self.there):
            return
        it = there[pick % len(there)]
        identity = Identity(
            id=it.id,
            version=it.version + newer,
            created_at=it.created_at,
            updated_at=it.updated_at,
            named_at=it.named_at,
        )
        made = [
            NewArtifact(
                type=it.type,
                url=it.url,
                name=it.name,
                changes=ArtifactPatch(name=it.name),
                identity=identity,
            )
        ]
        self.both(self.sqlite.register(made, how), self.dynamo.register(made, how))

    @rule(
        pick=picks,
        given=fields,
        asked=st.none() | some_references,
        of=st.none() | types,
        expected=st.sampled_from([None, None, 0, -1]),
    )
    def update(
        self,
        pick: int,
        given: ArtifactPatch,
        asked: list[Reference] | None,
        of: ArtifactType | None,
        expected: int | None,
    ) -> None:
        there = self.there
        it = there[pick % len(there)] if there else None
        changes = ArtifactPatch(**given)
        if asked is not None and it is not None and it.type is MODEL:
            changes.update(_kinds(asked))
        id_ = it.id if it else "nobody"
        version = None if it is None or expected is None else it.version + expected
        self.both(
            [self.sqlite.update(id_, of, changes, version)],
            [self.dynamo.update(id_, of, changes, version)],
        )

    @rule(pick=picks, score=st.floats(0, 1))
    def rate(self, pick: int, score: float) -> None:
        if models := [artifact for artifact in self.there if artifact.type is MODEL]:
            it = models[pick % len(models)]
            changes = ArtifactPatch(rating=rating(score))
            self.both(
                [self.sqlite.update(it.id, MODEL, changes)],
                [self.dynamo.update(it.id, MODEL, changes)],
            )

    @rule(pick=picks, of=st.none() | types, missing=st.integers(0, 9))
    def delete(self, pick: int, of: ArtifactType | None, missing: int) -> None:
        there = self.there
        id_ = there[pick % len(there)].id if there and missing else IDS[pick % len(IDS)]
        self.both([self.sqlite.delete(id_, of)], [self.dynamo.delete(id_, of)])

    @rule(dice=st.integers(0, 19))
    def reset(self, dice: int) -> None:
        if dice == 7:  # rarely: what is there makes the other rules interesting
            assert sum(self.dynamo.reset()) == sum(self.sqlite.reset())

    @rule()
    def resolved(self) -> None:
        targets = [
            Target(of, by, Reference(ReferenceKind.DATASET, by, value).target.value)
            for of in EVERY_TYPE
            for by, values in (
                (LookupField.NAME, NAMES),
                (LookupField.URL, URLS),
                (LookupField.ID, IDS),
            )
            for value in values
        ]
        found = {t: _timeless(a) for t, a in self.sqlite.resolve(targets).items()}
        assert {t: _timeless(a) for t, a in self.dynamo.resolve(targets).items()} == found
        for age in (0, -1):
            with_resolved_targets = [hints[age] for hints in self.hints.values()]
            told = self.dynamo.resolve(with_resolved_targets)
            assert {t.id for t in told.values()} <= {a.id for a in found.values()}
            assert {t: a.id for t, a in told.items()} == {
                t: a.id for t, a in self.sqlite.resolve(with_resolved_targets).items()
            }

    @rule()
    def inverse(self) -> None:
        there = self.there
        asked = [ReverseLinkQuery(artifact, 3) for artifact in there]
        mine = [
            [e.artifact.id for e in page.entries]
            for page in self.sqlite.read_reverse_links(asked)
        ]
        now = self.dynamo.get([artifact.id for artifact in there])
        asked = [ReverseLinkQuery(now[artifact.id], 3) for artifact in there]
        pages = self.dynamo.read_reverse_links(asked)
        assert [[e.artifact.id for e in page.entries] for page in pages] == mine
        links = self._links(there)
        assert mine == [sorted(links[artifact.id])[:3] for artifact in there]
        counts = [len(links[artifact.id]) for artifact in there]
        assert self.sqlite.count_reverse_links(there) == counts
        assert self.dynamo.count_reverse_links([now[a.id] for a in there]) == counts

    def _links(self, there: list[Artifact]) -> dict[str, set[str]]:
        """Models by artifact, by what the models' own references resolve to."""
        found: dict[str, set[str]] = {artifact.id: set() for artifact in there}
        for model in there:
            targets = [reference.target for reference in model.references]
            for artifact in self.sqlite.resolve(targets).values():
                found[artifact.id].add(model.id)
        return found

    @rule(
        of=st.lists(types, min_size=1, unique=True),
        order=st.sampled_from(ORDERS),
        first=st.integers(2, 9),
        wanted=st.fixed_dictionaries(
            {},
            optional={
                "names": st.lists(st.sampled_from(["squad", "glue", "é"])).map(tuple),
                "contains": st.sampled_from(["s", "E", ""]),
                "starts_with": st.sampled_from(["s", "SQ", "e"]),
                "matches": st.sampled_from(["^s", "a+"]),
                "tag": st.just("a"),
                "license": st.just("mit"),
                "min_net_score": st.just(0.5),
                "rated": st.booleans(),
            },
        ),
    )
    def paged(
        self,
        of: list[ArtifactType],
        order: object,
        first: int,
        wanted: dict[str, object],
    ) -> None:
        asked = listing(*of, order=order, **wanted)  # type: ignore[arg-type] # one of ORDERS
        mine = [_timeless(a) for a in walk(self.sqlite, asked, first)]
        assert [_timeless(a) for a in walk(self.dynamo, asked, first)] == mine
        assert self.sqlite.count(asked) == self.dynamo.count(asked) == len(mine)

    def everything_is_the_same(self) -> None:
        self.resolved()
        self.inverse()
        for order in ORDERS:
            asked = listing(order=order)
            mine = [_timeless(a) for a in walk(self.sqlite, asked)]
            assert [_timeless(a) for a in walk(self.dynamo, asked)] == mine
        scanned = [[_timeless(a) for a in each.scan()] for each in self._stores()]
        assert scanned[0] == scanned[1]

    def _stores(self) -> tuple[Store, Store]:
        return self.sqlite, self.dynamo


QUICK = settings(
    max_examples=8,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, max_examples=120, stateful_step_count=30)


def test_answers_are_the_same() -> None:
    run_state_machine_as_test(Stores, settings=QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("engine", DYNAMO_ENGINES)
def test_answers_are_the_same_for_long(engine: str) -> None:
    machine = type("Stores", (Stores,), {"engine": engine})

    run_state_machine_as_test(machine, settings=LONG)
