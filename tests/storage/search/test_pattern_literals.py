"""Patterns find the same names, whether an index helps or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.search.folding import fold
from storage.search.listing import compile_pattern
from storage.search.pattern_literals import find_literals


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        ("^bert-.*large$", ["bert-", "large"]),
        (r"org/v1\.5.x", ["org/v1.5", "x"]),
        ("(?i)two words", ["two", "words"]),
        ("^.+$", []),
        ("", []),
        ("bert?", []),
        ("bert|gpt", []),
        ("(bert)", []),
        ("ber[t]", []),
        ("b{3}", []),
        (r"bert\b", []),
        (r"bert\\.x", []),
        ("bert$x", []),
        ("été", []),
    ],
)
def test_simple_patterns_have_literals(pattern: str, literals: list[str]) -> None:
    assert find_literals(pattern) == literals


PARTS = [*"abkKs.-/ *+?^$|1_", "(?i)", ".*", r"\.", r"\-", "ab", "[a]", "{2}"]
CHARACTERS = [*"abkKsABS.-/ 1_\n", "\u017f", "\u212a", "\u0301", "\u00e9"]


@given(
    st.lists(st.sampled_from(PARTS), max_size=5).map("".join),
    st.text(CHARACTERS, max_size=9),
)
def test_every_match_contains_the_literals(pattern: str, name: str) -> None:
    literals = find_literals(pattern)

    if literals and compile_pattern(pattern).search(name):
        assert all(fold(each) in fold(name.strip()) for each in literals)
