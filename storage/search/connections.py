"""Prepares connections for reading listings: SQL functions that SQLite does not have."""

import sqlite3
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from storage.deadline import seconds_left
from storage.search.listing import compile_pattern
from storage.search.matching_time import current_matching_time

MATCHES = "search_matches"
"""SQL function of an RE2 pattern and a text in UTF-8: whether the text contains a match."""


def prepare(db: sqlite3.Connection) -> None:
    """Register the SQL functions of listings on a connection."""
    db.create_function(MATCHES, 2, _matches, deterministic=True)


@lru_cache(maxsize=64)
def _searcher(pattern: str) -> Callable[[bytes], Any]:
    return compile_pattern(pattern).search  # type: ignore[no-any-return] # it has no types


def _matches(pattern: str, text: bytes) -> bool:
    if seconds_left() <= 0:
        raise TimeoutError
    search, matching_time = _searcher(pattern), current_matching_time.get()
    if matching_time is None:
        return search(text) is not None
    return matching_time.match(search, text)
