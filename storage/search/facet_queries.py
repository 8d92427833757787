"""Reads the values that the matches of a listing have in a field.

Few matches are joined with their values by their rows. Otherwise values that are in memory are
counted there. Else all values are read in the order of an index, and each row is looked up in
the bitmap of the matches: with 200,000 tags that takes 20 ms, where looking up the tags of
each match takes up to 130.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from heapq import merge

import orjson

from storage.search import bitmaps
from storage.search.bitmaps import Bitmap
from storage.search.facets import FacetField
from storage.search.match_sets import MatchSet
from storage.search.value_columns import (
    CREATORS,
    LICENSES,
    TAGS,
    TYPES,
    Column,
    Group,
    ValueColumns,
)
from storage.search.value_tests import find_types

_SOURCES = {
    FacetField.TYPE: TYPES,
    FacetField.TAG: TAGS,
    FacetField.LICENSE: LICENSES,
    FacetField.CREATED_BY: CREATORS,
}


@dataclass(frozen=True, slots=True)
class _Field:
    """The columns with a field's values; `none` holds for artifacts that have no value."""

    table: str
    normalized: str
    spelled: str
    condition: str = "1"
    none: str | None = None


_FIELDS = {
    FacetField.TYPE: _Field("search_artifact", "type", "type"),
    FacetField.TAG: _Field("search_tag", "tag_normalized", "tag", none="is_tagged = 0"),
    FacetField.LICENSE: _Field(
        "search_artifact",
        "license_normalized",
        "license",
        "license_normalized IS NOT NULL",
        "license_normalized IS NULL",
    ),
    FacetField.CREATED_BY: _Field(
        "search_artifact",
        "created_by_normalized",
        "created_by",
        "created_by_normalized IS NOT NULL",
        "created_by_normalized IS NULL",
    ),
    FacetField.PROPERTY_KEY: _Field(
        "search_property", "key_normalized", "key", "repeats = 0", "has_properties = 0"
    ),
    FacetField.PROPERTY_VALUE: _Field(
        "search_property", "value_normalized", "value", "key_normalized = :key AND repeats < 2"
    ),
}
_HAS_KEY = "key_normalized = :key AND repeats = 0"


class FacetReader:
    """Reads the values that the matches of a listing have; `few` rows are joined with them."""

    def __init__(
        self, db: sqlite3.Connection, matches: MatchSet, columns: ValueColumns, few: int
    ) -> None:
        self._db = db
        self._matches = matches
        self._columns = columns
        self._few = few

    def read_groups(self, field: FacetField, key: str | None) -> Iterator[Group]:
        """Yield the values in the order of their normalised forms and their spellings."""
        in_memory = self._read_memory(field)
        if in_memory:
            column, matching = in_memory
            return column.count(matching)
        where = _FIELDS[field]
        select = f"SELECT {where.normalized}, {where.spelled}, count(*)"
        end = "GROUP BY 1, 2 ORDER BY 1, 2"
        return merge(*self._read(select, where.table, where.condition, key, end))

    def count_none(self, field: FacetField, key: str | None) -> int:
        """Return the number of artifacts that have no value."""
        in_memory = self._read_memory(field)
        if in_memory:
            column, matching = in_memory
            return bitmaps.count(bitmaps.subtract(matching, column.find(None)))
        if field is FacetField.PROPERTY_VALUE:
            return self._matches.count - self._count("search_property", _HAS_KEY, key)
        none = _FIELDS[field].none
        return self._count("search_artifact", none) if none else 0

    def _read_memory(self, field: FacetField) -> tuple[Column, Bitmap] | None:
        """Return the values and the matches; None if SQL has to count them."""
        source = _SOURCES.get(field)
        if source is None or self._few_rows is not None:
            return None
        column, matching = self._columns.read(self._db, source), self._matches.bitmap
        if matching is None:
            matching = find_types(self._db, self._matches.types, self._columns)
        return None if column is None or matching is None else (column, matching)

    @cached_property
    def _few_rows(self) -> str | None:
        """The rows of the matches as JSON, if they are few."""
        if self._matches.count > self._few or self._matches.bitmap is None:
            return None
        return orjson.dumps([*bitmaps.to_rows(self._matches.bitmap)]).decode()

    @cached_property
    def _bytes(self) -> bytes | None:
        """A byte for each row, 1 for a match; None if all artifacts of the types are."""
        matching = self._matches.bitmap
        return None if matching is None else bitmaps.to_bytes(matching)

    def _count(self, table: str, condition: str, key: str | None = None) -> int:
        cursors = self._read("SELECT count(*)", table, condition, key)
        return sum(count for cursor in cursors for (count,) in cursor)

    def _read(
        self, select: str, table: str, condition: str, key: str | None, end: str = ""
    ) -> list[sqlite3.Cursor]:
        if self._few_rows is not None:
            rows = "(SELECT value AS matching FROM json_each(:rows))"
            statement = f"{select} FROM {rows} CROSS JOIN {table} ON row = matching"
            few = {"rows": self._few_rows, "key": key}
            return [self._db.execute(f"{statement} WHERE {condition} {end}", few)]
        matching = "" if self._bytes is None else "AND substr(:bitmap, row, 1) = x'01'"
        statement = f"{select} FROM {table} WHERE type = :type AND {condition} {matching} {end}"
        values = {"bitmap": self._bytes, "key": key}
        return [
            self._db.execute(statement, {**values, "type": artifact_type.value})
            for artifact_type in self._matches.types
        ]
