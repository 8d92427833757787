"""Turns filters and searches into SQL conditions on `search_artifact AS a`.

A condition may name the rows that meet it: a query can begin with these instead of testing
every row.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple, TypeAlias

import orjson

from storage.artifacts.records import ArtifactType
from storage.search.artifact_rows import encode_time
from storage.search.listing import Filter, PropertyCondition, TimeRange

Value: TypeAlias = str | int | float | bytes | None
_TABLES = {
    column: f"search_artifact INDEXED BY {index}"
    for column, index in (
        ("url", "search_by_url"),
        ("license_normalized", "search_by_license"),
        ("created_by_normalized", "search_by_creator"),
        ("created_at", "search_by_creation"),
        ("updated_at", "search_by_update"),
        ("net_score", "search_by_score"),
        ("is_rated", "search_by_rating"),
    )
}
_OPPOSITES = {">=": "<", "<": ">="}
Ends: TypeAlias = Sequence[tuple[str, str]]
"""The ends of a range of times: operators and encoded times."""
_MAX_PARAMETERS = 8
"""Longer lists are passed as JSON, so that there are few different statements."""


class Select(NamedTuple):
    """A SELECT with its values; its only column is `row`, in which rows may repeat."""

    sql: str
    values: tuple[Value, ...]
    is_typed: bool = False
    """True if it has rows of the listing's types alone."""
    cost: float = 1
    """The time to scan a row, compared with that of finding a row by its number."""


class Sides(NamedTuple):
    """The rows of the types inside and outside of a range, by an index."""

    inside: Select
    outside: Select


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on `search_artifact AS a`."""

    sql: str
    values: tuple[Value, ...] = ()
    rows: Select | None = None
    """The rows that meet it, by an index; None: no index has them."""
    is_exact: bool = True
    """False if `rows` also has rows that do not meet the condition."""
    scan: Select | None = None
    """The rows that meet it, found by looking at all rows of a table."""
    column: str | None = None
    """The column of which it gives a range, if it looks at nothing else."""


class TypeCondition(NamedTuple):
    """The types of a listing, as the beginning of conditions on other tables."""

    sql: str
    values: tuple[Value, ...]

    @classmethod
    def from_types(cls, types: Sequence[ArtifactType]) -> "TypeCondition":
        """Return the condition that `type` is one of these."""
        values = tuple(dict.fromkeys(each.value for each in types))
        return cls(f"type IN ({', '.join('?' * len(values))})", values)

    def select(self, table: str, condition: str, values: Sequence[Value]) -> Select:
        """Select the rows of a table that have one of the types and meet a condition."""
        sql = f"SELECT row FROM {table} WHERE {self.sql} AND {condition}"  # noqa: S608 - constants
        return Select(sql, (*self.values, *values), is_typed=True)


def is_among(column: str, texts: Sequence[str]) -> tuple[str, tuple[Value, ...]]:
    """Return SQL and values for: the column is one of these texts."""
    # SQLite's JSON functions take a zero for the end of a text.
    if len(texts) <= _MAX_PARAMETERS or any("\x00" in text for text in texts):
        return f"{column} IN ({', '.join('?' * len(texts))})", tuple(texts)
    json = orjson.dumps(list(texts)).decode()
    return f"{column} IN (SELECT value FROM json_each(?))", (json,)  # noqa: S608 - constants


def filter_conditions(filter_: Filter, types: TypeCondition) -> Iterator[Condition]:
    """Yield the conditions of a filter on everything but types, names and references."""
    if filter_.ids is not None:
        sql, values = is_among("id", filter_.ids)
        select = f"SELECT row FROM search_artifact WHERE {sql}"  # noqa: S608 - constants
        yield Condition(f"a.{sql}", values, Select(select, values))
    if filter_.urls is not None:
        yield _on_column("url", types, *is_among("{}", filter_.urls))
    if filter_.url_starts_with:
        yield _on_column("url", types, *starts_with("{}", filter_.url_starts_with))
    for column, wanted in (
        ("license_normalized", filter_.licenses),
        ("created_by_normalized", filter_.created_by),
    ):
        if wanted is not None:
            yield _has_value(column, types, wanted)
    yield from _tag_conditions(filter_, types)
    yield from (_property_condition(each, types) for each in filter_.properties)
    yield from _time_conditions(filter_, types)
    yield from _rating_conditions(filter_, types)


def starts_with(column: str, prefix: str) -> tuple[str, tuple[str, ...]]:
    """Return SQL and values for: the column starts with this text, by code points."""
    end = _first_after(prefix)
    if end is None:
        return f"{column} >= ?", (prefix,)
    return f"{column} >= ? AND {column} < ?", (prefix, end)


def _first_after(prefix: str) -> str | None:
    """Return the first text after all that start with a prefix; None if there is none."""
    prefix = prefix.rstrip("\U0010ffff")
    if not prefix:
        return None
    following = ord(prefix[-1]) + 1
    if following == 0xD800:  # noqa: PLR2004 - surrogates are in no text
        following = 0xE000
    return prefix[:-1] + chr(following)


def _on_column(
    column: str, types: TypeCondition, sql: str, values: tuple[Value, ...]
) -> Condition:
    """Return a condition on an indexed column of `search_artifact`; `{}` stands for it."""
    rows = types.select(_TABLES[column], f"({sql.replace('{}', column)})", values)
    on_artifact = sql.replace("{}", f"a.{column}")
    return Condition(f"({on_artifact})", values, rows, column=column)


def _has_value(column: str, types: TypeCondition, wanted: Sequence[str | None]) -> Condition:
    """Return the condition that an indexed column has one of these values."""
    texts = [text for text in wanted if text is not None]
    parts = [is_among("{}", texts)] if texts or not wanted else []
    if None in wanted:
        parts.append(("{} IS NULL", ()))
    each = [_on_column(column, types, *part) for part in parts]
    values = tuple(value for condition in each for value in condition.values)
    rows = _unite(condition.rows for condition in each if condition.rows)
    return Condition(f"({' OR '.join(condition.sql for condition in each)})", values, rows)


def _unite(selects: Iterable[Select]) -> Select:
    """Return the statement for the rows of all of these, which are of the listing's types."""
    sqls, values = zip(*((select.sql, select.values) for select in selects), strict=True)
    return Select(" UNION ALL ".join(sqls), tuple(chain(*values)), is_typed=True)


def _tag_conditions(filter_: Filter, types: TypeCondition) -> Iterator[Condition]:
    for tag in filter_.tags_all:
        yield _has_tag((tag,), types)
    if filter_.tags_any is not None:
        yield _has_tag(filter_.tags_any, types)
    if filter_.tags_none:
        has_one = _has_tag(filter_.tags_none, types)
        yield Condition(f"NOT {has_one.sql}", has_one.values)
    if filter_.tags_is_empty:
        untagged = "search_artifact INDEXED BY search_untagged"
        yield Condition("a.is_tagged = 0", (), types.select(untagged, "is_tagged = 0", ()))
    elif filter_.tags_is_empty is False:
        yield Condition("a.is_tagged = 1")


def _has_tag(tags: Sequence[str], types: TypeCondition) -> Condition:
    sql, values = is_among("tag_normalized", tags)
    return Condition(
        f"EXISTS (SELECT 1 FROM search_tag WHERE row = a.row AND {sql})",  # noqa: S608 - constants
        values,
        types.select("search_tag INDEXED BY search_by_tag", sql, values),
    )


def _property_condition(wanted: PropertyCondition, types: TypeCondition) -> Condition:
    sql = "key_normalized = ?"
    values: tuple[Value, ...] = (wanted.key,)
    if wanted.value is not None:
        sql, values = f"{sql} AND value_normalized = ?", (*values, wanted.value)
    return Condition(
        f"EXISTS (SELECT 1 FROM search_property WHERE row = a.row AND {sql})",  # noqa: S608
        values,
        types.select("search_property INDEXED BY search_by_property", sql, values),
    )


def time_sides(filter_: Filter, types: TypeCondition) -> Iterator[Sides]:
    """Yield the rows on both sides of each of a filter's conditions on times."""
    for column, ends in _time_ends(filter_):
        sql, values = _all_of(ends)
        outside = (
            types.select(_TABLES[column], f"{column} {_OPPOSITES[operator]} ?", (time,))
            for operator, time in ends
        )
        inside = types.select(_TABLES[column], sql.replace("{}", column), values)
        yield Sides(inside, _unite(outside))


def _time_conditions(filter_: Filter, types: TypeCondition) -> Iterator[Condition]:
    for column, ends in _time_ends(filter_):
        yield _on_column(column, types, *_all_of(ends))


def _time_ends(filter_: Filter) -> Iterator[tuple[str, Ends]]:
    """Yield the columns of times that have conditions, with these."""
    for column in ("created_at", "updated_at"):
        wanted: TimeRange = getattr(filter_, column) or TimeRange()
        times = ((">=", wanted.from_), ("<", wanted.until))
        ends = [(operator, encode_time(time)) for operator, time in times if time is not None]
        if ends:
            yield column, ends


def _all_of(ends: Ends) -> tuple[str, tuple[str, ...]]:
    """Return SQL and values for all of these conditions on a column, for which `{}` stands."""
    operators, times = zip(*ends, strict=True)
    return " AND ".join(f"{{}} {operator} ?" for operator in operators), times


def _rating_conditions(filter_: Filter, types: TypeCondition) -> Iterator[Condition]:
    if filter_.rated is not None:
        yield _on_column("is_rated", types, "{} = ?", (int(filter_.rated),))
    low, high = filter_.net_score_at_least, filter_.net_score_at_most
    ends = [(">=", low), ("<=", high)]
    sqls = [f"{{}} {operator} ?" for operator, score in ends if score is not None]
    if sqls:
        values = tuple(score for _, score in ends if score is not None)
        yield _on_column("net_score", types, " AND ".join(sqls), values)
