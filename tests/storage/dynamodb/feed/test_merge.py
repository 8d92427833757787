"""Merging the shards of the log: versions are in order, whatever the writers' clocks say."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.dynamodb.feed.cursors import START, Direction, Position
from storage.dynamodb.feed.merge import Merge, Window
from storage.dynamodb.feed.segments import LogEntry
from storage.dynamodb.feed.shards import PlacedEntry
from tests.storage.samples import START as MIDNIGHT

SHARDS = 3
Commit = tuple[int, str, int]
"""The shard of a commit, its artifact, and what the writer's clock says in seconds."""
COMMITS = st.lists(
    st.tuples(st.integers(0, SHARDS - 1), st.sampled_from("abcd"), st.integers(-9, 9)),
    max_size=40,
)


def _shards(commits: list[Commit]) -> list[list[LogEntry]]:
    """The entries of each shard, in the order of commits."""
    shards: list[list[LogEntry]] = [[] for _ in range(SHARDS)]
    versions = dict.fromkeys("abcd", 0)
    for shard, artifact, seconds in commits:
        versions[artifact] += 1
        at = MIDNIGHT + timedelta(seconds=seconds)
        shards[shard].append(LogEntry(artifact, versions[artifact], at))
    return shards


def _window(entries: list[LogEntry], *, is_complete: bool = True) -> Window:
    placed = [PlacedEntry(e, Position(1, at + 1)) for at, e in enumerate(entries)]
    return Window(START, placed, len(placed), is_complete)


@given(COMMITS)
def test_each_artifact_is_in_the_order_of_versions(commits: list[Commit]) -> None:
    shards = _shards(commits)

    forward = [m.entry for m in Merge([_window(entries) for entries in shards])]
    backward = [
        m.entry
        for m in Merge([_window(entries[::-1]) for entries in shards], Direction.BACKWARD)
    ]

    for artifact in "abcd":
        count = sum(commit[1] == artifact for commit in commits)
        versions = [e.version for e in forward if e and e.artifact_id == artifact]
        assert versions == list(range(1, count + 1))
        versions = [e.version for e in backward if e and e.artifact_id == artifact]
        assert versions == list(range(count, 0, -1))


@given(COMMITS)
def test_entries_come_with_the_positions_after_them(commits: list[Commit]) -> None:
    shards = _shards(commits)
    seen = [0] * SHARDS

    for merged in Merge([_window(entries) for entries in shards]):
        (shard,) = (s for s in range(SHARDS) if seen[s] != merged.positions[s].offset)
        assert merged.entry == shards[shard][seen[shard]]
        seen[shard] += 1

    assert seen == [len(entries) for entries in shards]


def test_entries_are_merged_by_time() -> None:
    times = [[1, 4, 5], [2, 3, 6], []]
    shards = [
        [LogEntry(f"{at}", 1, MIDNIGHT + timedelta(seconds=at)) for at in each]
        for each in times
    ]

    merged = [m.entry.artifact_id for m in Merge([_window(each) for each in shards]) if m.entry]

    assert merged == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize("is_complete", [True, False])
def test_merging_ends_with_a_shard_that_has_more(is_complete: bool) -> None:
    early, late = (
        LogEntry(i, 1, MIDNIGHT + timedelta(seconds=s)) for i, s in [("a", 1), ("b", 2)]
    )
    merge = Merge([_window([early], is_complete=is_complete), _window([late])])

    assert [m.entry for m in merge] == [early, late][: 1 + is_complete]
    assert merge.has_more is not is_complete
