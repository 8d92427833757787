"""Namesakes have a total order by the time of their name, whatever clocks and imports say."""

from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise

import pytest

from storage.artifacts.names import normalise
from storage.artifacts.records import Artifact
from storage.artifacts.writes import Identity
from storage.store import Store
from tests.storage.contract.recorded_changes import ManualClock
from tests.storage.samples import DATASET, START, bert, by_name, ids, new_artifact
from tests.storage.store_calls import delete, find_by_name, links, register_one, restore, update

HOUR = timedelta(hours=1)


def _join(store: Store, at: int, named_at: datetime | None = None) -> Artifact:
    identity = None
    if named_at:
        identity = Identity(
            id=f"id-{at}", version=1, created_at=START, updated_at=START, named_at=named_at
        )
    url = f"https://example.org/{at}"
    return register_one(store, new_artifact(DATASET, "squad", url=url, identity=identity))


def _check_succession(store: Store, bearers: list[Artifact]) -> None:
    """Check that each takes the name over from the one before, and delete them all."""
    model = register_one(store, bert(by_name(DATASET, "squad")))
    assert all(one.named_at < next_.named_at for one, next_ in pairwise(bearers))
    for artifact in bearers:
        owner = find_by_name(store, DATASET, "squad")
        assert owner is not None
        assert owner.id == artifact.id
        assert links(store, model) == [artifact.id]
        delete(store, artifact)
    assert find_by_name(store, DATASET, "squad") is None


@pytest.mark.parametrize("step", [-HOUR, timedelta(0), timedelta(milliseconds=1), HOUR])
def test_namesakes_succeed_each_other_in_the_order_of_their_writes(
    timed_store: Store, clock: ManualClock, step: timedelta
) -> None:
    bearers = []
    for at in range(5):
        bearers.append(_join(timed_store, at))
        clock.now += step

    _check_succession(timed_store, bearers)


@pytest.mark.parametrize(
    "hours", [(0, 1, 2), (2, 1, 0), (1, 1, 1), (1, 2, 0), (0, 2, 1)], ids=str
)
def test_imported_times_do_not_make_anybody_older(store: Store, hours: tuple[int, ...]) -> None:
    bearers = [_join(store, at, START + at_hour * HOUR) for at, at_hour in enumerate(hours)]
    bearers.append(_join(store, 9))

    _check_succession(store, bearers)


def test_an_imported_time_ahead_of_the_clock_does_not_make_joiners_older(
    timed_store: Store, clock: ManualClock
) -> None:
    ahead = _join(timed_store, 0, clock.now + timedelta(minutes=5))

    _check_succession(timed_store, [ahead, _join(timed_store, 1), _join(timed_store, 2)])


def test_a_renamed_artifact_joins_last_whatever_the_clock_says(
    timed_store: Store, clock: ManualClock
) -> None:
    older = register_one(timed_store, new_artifact(DATASET, "older"))
    bearers = [_join(timed_store, at) for at in range(2)]
    clock.now -= HOUR

    bearers.append(update(timed_store, older, name="SQuAD"))
    bearers.append(_join(timed_store, 2))

    _check_succession(timed_store, bearers)


def test_who_returns_joins_last_whatever_the_clock_says(
    timed_store: Store, clock: ManualClock
) -> None:
    first, second, third = (_join(timed_store, at) for at in range(3))
    clock.now -= HOUR
    gone = update(timed_store, first, name="elsewhere")
    delete(timed_store, third)

    back = update(timed_store, gone, name="squad")
    restored = restore(timed_store, third.id)

    _check_succession(timed_store, [second, back, restored])


def test_the_last_to_join_is_remembered_after_it_left(
    timed_store: Store, clock: ManualClock
) -> None:
    first, second = _join(timed_store, 0), _join(timed_store, 1)
    delete(timed_store, second)
    clock.now -= HOUR

    third = _join(timed_store, 2)

    assert third.named_at > first.named_at
    _check_succession(timed_store, [first, third, restore(timed_store, second.id)])


def test_changing_the_case_of_a_name_keeps_its_place(
    timed_store: Store, clock: ManualClock
) -> None:
    first, second = _join(timed_store, 0), _join(timed_store, 1)
    clock.advance(hours=1)

    first = update(timed_store, first, name=" SQUAD")

    _check_succession(timed_store, [first, second])


def test_a_scan_is_in_the_order_in_which_names_were_taken(
    timed_store: Store, clock: ManualClock
) -> None:
    bearers = []
    for at in range(5):
        bearers.append(_join(timed_store, at))
        clock.now -= HOUR

    assert ids(list(timed_store.scan())) == ids(bearers)


@pytest.mark.parametrize("form", ["#{}", "{}", "sha256#{}", "-sha256#dataset#{}"])
@pytest.mark.parametrize("long", ["ΐ" * 512, "\U0010ffff" * 512], ids=["wide", "last"])
def test_a_short_name_cannot_take_the_place_of_a_long_one(
    store: Store, long: str, form: str
) -> None:
    digests = {
        sha256(text.encode()).hexdigest()
        for text in (long, normalise(long), f"name#dataset#{normalise(long)}")
    }
    short = [form.format(digest) for digest in digests]
    made = [
        register_one(store, new_artifact(DATASET, name, url=f"https://example.org/{at}"))
        for at, name in enumerate((short[0], long, *short[1:]))
    ]

    for artifact in made:
        assert find_by_name(store, DATASET, artifact.name) == artifact
    delete(store, made[1])
    assert find_by_name(store, DATASET, long) is None
    for artifact in (made[0], *made[2:]):
        assert find_by_name(store, DATASET, artifact.name) == artifact
        delete(store, artifact)
    assert sum(store.reset()) == 0
