"""Splits filters: conditions on values that are kept in memory, and the others."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from storage.artifacts.records import ArtifactType
from storage.search.bitmaps import Bitmap, intersect, subtract, unite
from storage.search.listing import Filter
from storage.search.value_columns import (
    CREATORS,
    LICENSES,
    RATED,
    TAGS,
    TYPES,
    Source,
    ValueColumns,
)


class _Test(NamedTuple):
    """A condition: the row has one of these values; None: it has none at all."""

    source: Source
    wanted: Sequence[str | None] | None
    """None: any value."""
    is_negated: bool = False


def without_tests(filter_: Filter) -> Filter:
    """Return the filter without its conditions on values that are kept in memory."""
    return replace(
        filter_,
        tags_all=(),
        tags_any=None,
        tags_none=(),
        tags_is_empty=None,
        licenses=None,
        created_by=None,
        rated=None,
    )


def find_tested(
    db: sqlite3.Connection, filter_: Filter, columns: ValueColumns
) -> Bitmap | None:
    """Return the rows that meet all other conditions of a filter, on types too.

    None if some of the values are not in memory.
    """
    found = find_types(db, filter_.types, columns)
    for test in _tests(filter_):
        column = columns.read(db, test.source)
        if found is None or column is None:
            return None
        if test.wanted is None:
            having: Bitmap = column.find(None)
        else:
            having = column.find({text for text in test.wanted if text is not None})
            if None in test.wanted:
                having = unite(having, subtract(found, column.find(None)))
        found = (subtract if test.is_negated else intersect)(found, having)
    return found


def find_types(
    db: sqlite3.Connection, types: Sequence[ArtifactType], columns: ValueColumns
) -> Bitmap | None:
    """Return the rows of these types; None if they are not in memory."""
    column = columns.read(db, TYPES)
    return None if column is None else column.find({each.value for each in types})


def _tests(filter_: Filter) -> Iterator[_Test]:
    yield from (_Test(TAGS, (tag,)) for tag in filter_.tags_all)
    if filter_.tags_any is not None:
        yield _Test(TAGS, filter_.tags_any)
    if filter_.tags_none:
        yield _Test(TAGS, filter_.tags_none, is_negated=True)
    if filter_.tags_is_empty is not None:
        yield _Test(TAGS, None, is_negated=filter_.tags_is_empty)
    if filter_.licenses is not None:
        yield _Test(LICENSES, filter_.licenses)
    if filter_.created_by is not None:
        yield _Test(CREATORS, filter_.created_by)
    if filter_.rated is not None:
        yield _Test(RATED, (str(int(filter_.rated)),))
