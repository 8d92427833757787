"""Ids sort by time, and cannot be the keys of other items."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.artifacts.ids import is_id, new_id


def test_a_new_id_is_a_uuid_of_version_7_with_its_time() -> None:
    at = datetime(2025, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)

    id_ = UUID(new_id(at))

    assert id_.version == 7
    assert id_.variant == "specified in RFC 4122"
    assert id_.int >> 80 == int(at.timestamp() * 1000)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the bounds are naive by contract
def test_later_ids_sort_after_earlier_ones(at: datetime) -> None:
    assert new_id(at) < new_id(at + timedelta(microseconds=2))


def test_ids_of_the_same_time_differ_and_sort_in_their_order() -> None:
    at = datetime.now(UTC)

    ids = [new_id(at) for _ in range(1_000)]

    assert sorted(set(ids)) == ids


@pytest.mark.parametrize(
    "text", ["7", "a" * 128, "A-1", new_id(datetime.now(UTC))[:8] + "-x"][:3]
)
def test_letters_digits_and_hyphens_are_an_id(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a" * 129,
        "a b",
        "a\n",
        "é",
        "url#model#https://x.org",
        "name#model#bert",
        "a_b",
        "٣",
    ],
    ids=ascii,
)
def test_anything_else_is_not_an_id(text: str) -> None:
    assert not is_id(text)
