"""Patterns are compared with names for as long as the request has time for it."""

import pytest

from storage.errors import PatternTooSlowError
from storage.search.matching_time import limit_matching
from storage.store import Store
from tests.storage.samples import MODEL, listing, names, new_artifact
from tests.storage.store_calls import read_all, register

PATTERN = "b.rt"


@pytest.fixture
def filled(store: Store) -> Store:
    register(store, new_artifact(MODEL, "bert"), new_artifact(MODEL, "gpt"))
    return store


def test_a_pattern_is_not_compared_after_the_time_for_it(filled: Store) -> None:
    wanted = listing(MODEL, name_matches=PATTERN)
    with limit_matching() as matching_time:
        assert names(read_all(filled, wanted)) == ["bert"]
        matching_time.stop()
        with pytest.raises(PatternTooSlowError):
            read_all(filled, wanted)
        with pytest.raises(PatternTooSlowError):
            filled.count(wanted)
        assert names(read_all(filled, listing(MODEL))) == ["bert", "gpt"]

    assert names(read_all(filled, wanted)) == ["bert"]
    assert filled.count(wanted) == 1
