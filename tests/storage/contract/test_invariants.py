"""Random writes under a clock that jumps: what must always hold, holds."""

import random
from collections.abc import Callable
from itertools import pairwise

import pytest

from storage.artifacts.changes import Change
from storage.artifacts.names import normalise
from storage.artifacts.records import Artifact
from storage.artifacts.writes import ArtifactPatch, Deleted, OnConflict, WriteOutcome, Written
from storage.store import Store
from tests.storage.contract.recorded_changes import (
    ManualClock,
    read_feed,
    read_history,
    read_recent,
)
from tests.storage.samples import DATASET, MODEL, by_name, new_artifact
from tests.storage.store_calls import find_by_name, find_by_url, links, read, register_one

NAMES = "squad", "SQuAD", "glue", "Straße", "STRASSE"
NORMALISED = sorted({normalise(name) for name in NAMES})
URLS = [f"https://example.org/{n}" for n in range(6)]


class RandomWrites:
    """Makes random writes to datasets, and notes what must be there after them."""

    def __init__(self, store: Store, clock: ManualClock, seed: int) -> None:
        self.store, self.clock = store, clock
        self.draw = random.Random(seed)  # noqa: S311 - no secret
        self.live: dict[str, Artifact] = {}
        self.deleted: dict[str, Artifact] = {}
        self.bearers: dict[str, list[str]] = {}
        """The ids of the artifacts of each name, in the order in which they took it."""
        self.accepted: list[tuple[str, int]] = []

    def act(self) -> None:
        self.clock.advance(seconds=self.draw.choice((-3_600, -0.001, 0, 0, 0.001, 5)))
        ways: tuple[Callable[[], None], ...] = self._register, self._update, self._delete
        self.draw.choice((*ways, self._restore))()

    def _register(self) -> None:
        count = self.draw.choice((1, 1, 3))
        drafts = [
            new_artifact(DATASET, self.draw.choice(NAMES), url=self.draw.choice(URLS))
            for _ in range(count)
        ]
        on_conflict = self.draw.choice(list(OnConflict))
        for result in self.store.register(drafts, on_conflict):
            self._note(result)

    def _update(self) -> None:
        if self.live:
            patch = ArtifactPatch(license=self.draw.choice(("mit", None)))
            if self.draw.random() < 0.5:
                patch["name"] = self.draw.choice(NAMES)
            if self.draw.random() < 0.3:
                patch["url"] = self.draw.choice(URLS)
            id_ = self.draw.choice(list(self.live))
            self._note(self.store.update(id_, None, patch))

    def _delete(self) -> None:
        if self.live:
            artifact = self.live.pop(self.draw.choice(list(self.live)))
            name = normalise(artifact.name)
            rest = [id_ for id_ in self.bearers[name] if id_ != artifact.id]
            was_owner = self.bearers[name][0] == artifact.id
            expected = self.live[rest[0]] if rest and was_owner else None
            result = self.store.delete(artifact.id, None)
            assert result == Deleted(id=artifact.id, artifact=artifact, successor=expected)
            self.bearers[name] = rest
            self.deleted[artifact.id] = artifact
            self.accepted.append((artifact.id, artifact.version + 1))

    def _restore(self) -> None:
        if self.deleted:
            id_ = self.draw.choice(list(self.deleted))
            result = self.store.restore(id_)
            is_free = all(a.url != self.deleted[id_].url for a in self.live.values())
            assert isinstance(result, Written) == is_free
            if isinstance(result, Written):
                before = self.deleted.pop(id_)
                assert result.artifact.version == before.version + 2
                self._note(result)

    def _note(self, result: object) -> None:
        if not isinstance(result, Written) or result.outcome is WriteOutcome.UNCHANGED:
            return
        after = result.artifact
        before = self.live.get(after.id)
        if result.outcome is WriteOutcome.UPDATED:
            assert before is not None
            assert after.version == before.version + 1
            assert after.updated_at > before.updated_at
        name = normalise(after.name)
        if before is None or normalise(before.name) != name:
            if before:
                self.bearers[normalise(before.name)].remove(after.id)
            self.bearers.setdefault(name, []).append(after.id)
        self.live[after.id] = after
        self.accepted.append((after.id, after.version))


@pytest.mark.parametrize("seed", [1, 2])
def test_random_writes_leave_what_they_answered(
    timed_store: Store, clock: ManualClock, seed: int
) -> None:
    writes = RandomWrites(timed_store, clock, seed)
    references = (by_name(DATASET, name) for name in NORMALISED)
    model = register_one(timed_store, new_artifact(MODEL, "m", *references))
    writes.accepted.append((model.id, 1))
    for _ in range(120):
        writes.act()

    assert {id_: read(timed_store, id_) for id_ in writes.live} == writes.live
    assert {a.id for a in timed_store.scan() if a.type is DATASET} == set(writes.live)
    deleted = {d.artifact.id: d.artifact.version for d in timed_store.scan_deleted()}
    assert deleted == {id_: a.version + 1 for id_, a in writes.deleted.items()}
    for url in URLS:
        found = find_by_url(timed_store, DATASET, url)
        assert [a for a in writes.live.values() if a.url == url] == ([found] if found else [])
    _check_names(timed_store, writes, model)
    _check_changes(timed_store, writes)


def _check_names(store: Store, writes: RandomWrites, model: Artifact) -> None:
    owners = {}
    for name, bearers in writes.bearers.items():
        times = [writes.live[id_].named_at for id_ in bearers]
        assert times == sorted(set(times))
        owners[name] = bearers[0] if bearers else None
        owner = find_by_name(store, DATASET, name)
        assert (owner and owner.id) == owners[name]
    assert links(store, model) == [owners.get(name) for name in NORMALISED]


def _check_changes(store: Store, writes: RandomWrites) -> None:
    feed = read_feed(store, first=50)
    assert sorted((c.artifact_id, c.version) for c in feed) == sorted(writes.accepted)
    by_artifact: dict[str, list[Change]] = {}
    for change in feed:
        by_artifact.setdefault(change.artifact_id, []).append(change)
    for id_, changes in by_artifact.items():
        assert [c.version for c in changes] == list(range(1, len(changes) + 1))
        assert all(one.at < next_.at for one, next_ in pairwise(changes))
        assert read_history(store, id_, len(changes)) == changes[::-1]
    recent = read_recent(store, first=50)
    assert sorted(recent, key=_key) == sorted(feed, key=_key)


def _key(change: Change) -> tuple[str, int]:
    return change.artifact_id, change.version
