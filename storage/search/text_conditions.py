"""SQL conditions on names, and on the words that a search looks for."""

from collections.abc import Iterator, Sequence

from storage.search.conditions import (
    Condition,
    Select,
    TypeCondition,
    is_among,
    starts_with,
)
from storage.search.connections import MATCHES
from storage.search.folding import fold, to_match
from storage.search.listing import Filter
from storage.search.pattern_literals import find_literals, match_lines

_TRIGRAM = 3
_NAME_COST = 0.08
_PATTERN_COST = 0.1
_FOUND = "SELECT rowid AS row FROM search_words WHERE search_words MATCH ?"
_BY_NAME = "search_artifact INDEXED BY search_by_name"
_AT_ONCE = 128
_SCAN_NAMES = f"""
WITH RECURSIVE part(first) AS (
  VALUES (0)
  UNION ALL
  SELECT first + {_AT_ONCE} FROM part
   WHERE first + {_AT_ONCE} <= (SELECT max(row) FROM search_artifact)
)
SELECT row FROM part CROSS JOIN search_artifact AS a NOT INDEXED
    ON a.row >= first AND a.row < first + {_AT_ONCE}
 WHERE {MATCHES}(?, CAST((
   SELECT ifnull(group_concat(name, char(10)), '') FROM search_artifact NOT INDEXED
    WHERE row >= first AND row < first + {_AT_ONCE}
 ) AS BLOB)) AND {MATCHES}(?, CAST(a.name AS BLOB))
"""  # noqa: S608 - constants only
_OF_TEXT = "(SELECT name FROM search_text WHERE row = a.row)"


def name_conditions(filter_: Filter, types: TypeCondition) -> Iterator[Condition]:
    """Yield the conditions of a filter on names."""
    if filter_.names is not None:
        # A blank name matches no other, as in lookups.
        names = tuple(filter(None, filter_.names))
        sql, values = is_among("name_normalized", names)
        yield Condition(f"a.{sql}", values, types.select(_BY_NAME, sql, values))
    if filter_.name_starts_with:
        sql, values = starts_with("name_normalized", filter_.name_starts_with)
        on_artifact, _ = starts_with("a.name_normalized", filter_.name_starts_with)
        rows = types.select(_BY_NAME, sql, values)
        yield Condition(on_artifact, values, rows, column="name_normalized")
    if filter_.name_contains:
        yield _name_contains(filter_.name_contains, types)
    if filter_.name_matches is not None:
        yield _name_matches(filter_.name_matches)


def word_conditions(words: tuple[str, ...]) -> Iterator[Condition]:
    """Yield the condition that each of these words occurs in the text of an artifact."""
    if not words:
        return
    has_word = "(instr(name, ?) OR instr(other, ?))"
    has_words = " AND ".join([has_word] * len(words))
    values = tuple(word for word in words for _ in range(2))
    yield Condition(
        f"EXISTS (SELECT 1 FROM search_text WHERE row = a.row AND {has_words})",  # noqa: S608
        values,
        _rows_with(words),
        is_exact=False,
        scan=Select(f"SELECT row FROM search_text WHERE {has_words}", values, cost=0.4),  # noqa: S608
    )


def relevance_conditions(search: str) -> tuple[tuple[Condition, ...], ...]:
    """Return the conditions of each tier of the relevance for a search."""
    begins, bounds = starts_with("name", search)
    has_begun, _ = starts_with(_OF_TEXT, search)
    texts = "SELECT row FROM search_text INDEXED BY search_by_text WHERE"
    is_name = Condition(f"{_OF_TEXT} = ?", (search,), Select(f"{texts} name = ?", (search,)))
    is_prefix = Condition(has_begun, bounds, Select(f"{texts} {begins}", bounds))
    is_part = Condition(
        f"instr({_OF_TEXT}, ?)",
        (search,),
        scan=Select(f"{texts} instr(name, ?)", (search,), cost=_NAME_COST),
    )
    return (
        (is_name,),
        (is_prefix, _negate(is_name)),
        (is_part, _negate(is_prefix)),
        (_negate(is_part),),
    )


def relevance_tier(search: str) -> tuple[str, tuple[str, ...]]:
    """Return the number of an artifact's tier as an SQL expression, and its values."""
    begins, bounds = starts_with("name", search)
    sql = f"""
    (SELECT CASE WHEN name = ? THEN 0 WHEN {begins} THEN 1 WHEN instr(name, ?) THEN 2 ELSE 3 END
       FROM search_text WHERE row = a.row)
    """  # noqa: S608 - constants only
    return sql, (search, *bounds, search)


def _negate(condition: Condition) -> Condition:
    return Condition(f"NOT ({condition.sql})", condition.values)


def _name_contains(text: str, types: TypeCondition) -> Condition:
    """Return the condition that the normalised name contains a normalised text."""
    scan = types.select(_BY_NAME, "instr(name_normalized, ?)", (text,))
    return Condition(
        "instr(a.name_normalized, ?)",
        (text,),
        # What a normalised name contains, its fold contains folded.
        _rows_with([fold(text)]),
        is_exact=False,
        scan=scan._replace(cost=_NAME_COST),
    )


def _name_matches(pattern: str) -> Condition:
    """Return the condition that the name, as it was given, contains a match."""
    # RE2's wrapper reads bytes in two thirds of the time of a text.
    sql = f"{MATCHES}(?, CAST(a.name AS BLOB))"
    rows = _rows_with([fold(literal) for literal in find_literals(pattern)])
    return Condition(sql, (pattern,), rows, is_exact=False, scan=_scan_names(pattern))


def _scan_names(pattern: str) -> Select | None:
    """Return the scan of all names, which tests the names of many rows at a time."""
    lines = match_lines(pattern)
    return None if lines is None else Select(_SCAN_NAMES, (lines, pattern), cost=_PATTERN_COST)


def _rows_with(texts: Sequence[str]) -> Select | None:
    """Return rows that contain all with these folded texts; None if no text is long enough."""
    long = [to_match(text) for text in texts if len(text) >= _TRIGRAM]
    return Select(_FOUND, (" ".join(long),)) if long else None
