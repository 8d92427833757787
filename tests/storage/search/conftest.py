"""An empty search index in memory."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from storage.search import schema


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        schema.create_tables(db)
        yield db
