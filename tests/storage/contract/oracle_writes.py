"""Two stores that receive the same random writes."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from storage.artifacts.records import Artifact, ArtifactType, Reference, Target
from storage.artifacts.writes import ArtifactPatch, Identity, NewArtifact, OnConflict, Written
from tests.storage.contract.oracle_strategies import (
    IDS,
    Outcome,
    comparable,
    drafts,
    fields,
    is_independent,
    picks,
    references_by_kind,
    some_references,
    types,
)
from tests.storage.contract.recorded_changes import ManualClock
from tests.storage.engines import opened
from tests.storage.samples import ALICE, BOB, MODEL, new_artifact, rating


class WrittenStores(RuleBasedStateMachine):
    """Performs each write on SQLite and on DynamoDB, and compares the results."""

    engine: ClassVar[str] = "moto"

    def __init__(self) -> None:
        super().__init__()
        self.opened = ExitStack()
        path = Path(self.opened.enter_context(TemporaryDirectory()))
        self.clock = ManualClock()
        file = path / "registry.db"
        self.sqlite = self.opened.enter_context(opened("sqlite", file, self.clock))
        self.dynamo = self.opened.enter_context(opened(self.engine, path, self.clock))
        self.identities = 0
        self.resolved_targets: dict[Target, list[Target]] = {}

    def teardown(self) -> None:
        try:
            assert list(self.sqlite.check()) == []
            assert list(self.dynamo.check()) == []
        finally:
            self.opened.close()

    @property
    def artifacts(self) -> list[Artifact]:
        return list(self.sqlite.scan())

    def compare(self, outcomes: Sequence[Outcome], others: Sequence[Outcome]) -> None:
        assert [comparable(o) for o in others] == [comparable(o) for o in outcomes]
        for outcome in others:
            if isinstance(outcome, Written):
                for reference in outcome.artifact.references:
                    self.resolved_targets.setdefault(reference.target, []).append(
                        reference.target
                    )

    def new_identity(self) -> Identity:
        self.clock.advance(milliseconds=1)
        self.identities += 1
        stamp = self.clock.now
        id_ = (
            IDS[self.identities % len(IDS)] if self.identities % 5 else f"new-{self.identities}"
        )
        return Identity(id=id_, version=1, created_at=stamp, updated_at=stamp, named_at=stamp)

    @rule(
        inputs=st.lists(drafts, min_size=1, max_size=5), on_conflict=st.sampled_from(OnConflict)
    )
    def register(
        self,
        inputs: list[tuple[ArtifactType, str, str, list[Reference]]],
        on_conflict: OnConflict,
    ) -> None:
        new = [
            new_artifact(
                artifact_type,
                name,
                *(references if artifact_type is MODEL else ()),
                url=url,
                identity=self.new_identity(),
            )
            for artifact_type, name, url, references in inputs
        ]
        for batch in [new] if is_independent(new, on_conflict) else [[one] for one in new]:
            self.compare(
                self.sqlite.register(batch, on_conflict, BOB),
                self.dynamo.register(batch, on_conflict, BOB),
            )

    @rule(pick=picks, newer=st.booleans(), on_conflict=st.sampled_from(OnConflict))
    def import_again(self, pick: int, newer: bool, on_conflict: OnConflict) -> None:
        if not (artifacts := self.artifacts):
            return
        it = artifacts[pick % len(artifacts)]
        identity = Identity(
            id=it.id,
            version=it.version + newer,
            created_at=it.created_at,
            updated_at=it.updated_at,
            named_at=it.named_at,
        )
        new = [
            NewArtifact(
                type=it.type,
                url=it.url,
                name=it.name,
                changes=ArtifactPatch(name=it.name),
                identity=identity,
            )
        ]
        self.compare(
            self.sqlite.register(new, on_conflict), self.dynamo.register(new, on_conflict)
        )

    @rule(
        pick=picks,
        patch=fields,
        references=st.none() | some_references,
        artifact_type=st.none() | types,
        expected=st.sampled_from([None, None, 0, -1]),
    )
    def update(
        self,
        pick: int,
        patch: ArtifactPatch,
        references: list[Reference] | None,
        artifact_type: ArtifactType | None,
        expected: int | None,
    ) -> None:
        artifacts = self.artifacts
        it = artifacts[pick % len(artifacts)] if artifacts else None
        changes = ArtifactPatch(**patch)
        if references is not None and it is not None and it.type is MODEL:
            changes.update(references_by_kind(references))
        id_ = it.id if it else "nobody"
        version = None if it is None or expected is None else it.version + expected
        self.compare(
            [self.sqlite.update(id_, artifact_type, changes, version)],
            [self.dynamo.update(id_, artifact_type, changes, version)],
        )

    @rule(pick=picks, score=st.floats(0, 1))
    def rate(self, pick: int, score: float) -> None:
        if models := [artifact for artifact in self.artifacts if artifact.type is MODEL]:
            it = models[pick % len(models)]
            changes = ArtifactPatch(rating=rating(score))
            self.compare(
                [self.sqlite.update(it.id, MODEL, changes)],
                [self.dynamo.update(it.id, MODEL, changes)],
            )

    @rule(pick=picks, artifact_type=st.none() | types, missing=st.integers(0, 9))
    def delete(self, pick: int, artifact_type: ArtifactType | None, missing: int) -> None:
        artifacts = self.artifacts
        id_ = (
            artifacts[pick % len(artifacts)].id
            if artifacts and missing
            else IDS[pick % len(IDS)]
        )
        self.compare(
            [self.sqlite.delete(id_, artifact_type)], [self.dynamo.delete(id_, artifact_type)]
        )

    @rule(pick=picks)
    def restore(self, pick: int) -> None:
        deleted = [each.artifact.id for each in self.sqlite.scan_deleted()]
        id_ = deleted[pick % len(deleted)] if deleted else IDS[pick % len(IDS)]
        self.compare([self.sqlite.restore(id_, ALICE)], [self.dynamo.restore(id_, ALICE)])

    @rule(hours=st.sampled_from([-2, 1, 3]))
    def set_clock(self, hours: int) -> None:
        self.clock.advance(hours=hours)

    @rule(dice=st.integers(0, 19))
    def reset(self, dice: int) -> None:
        if dice == 7:  # rarely: the other rules need artifacts
            assert sum(self.dynamo.reset()) == sum(self.sqlite.reset())
