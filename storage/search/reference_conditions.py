"""SQL conditions on the references of models."""

from collections.abc import Iterator

from storage.artifacts.records import LookupField, ReferenceKind
from storage.search.conditions import Condition, Select, Value
from storage.search.links import LinkKey, Links
from storage.search.listing import Filter, ReferenceCondition, ReferenceState

_TYPES = " ".join(
    f"WHEN '{kind.value}' THEN '{kind.artifact_type.value}'" for kind in ReferenceKind
)
_TYPE = f"CASE r.kind {_TYPES} END"
_NOW = f"""
CASE r.by
WHEN '{LookupField.ID.value}' THEN
    (SELECT t.id FROM search_artifact AS t WHERE t.id = r.target AND +t.type = {_TYPE})
WHEN '{LookupField.URL.value}' THEN
    (SELECT t.id FROM search_artifact AS t INDEXED BY search_by_url
      WHERE t.type = {_TYPE} AND t.url = r.target)
ELSE
    (SELECT t.id FROM search_artifact AS t INDEXED BY search_by_name
      WHERE t.type = {_TYPE} AND t.name_normalized = r.target AND r.target <> ''
      ORDER BY t.named_at, t.id LIMIT 1)
END
"""  # noqa: S608 - constants only
"""The id of the artifact to which the reference `r` resolves."""
_STATE = f"""
(SELECT CASE
 WHEN now IS NULL THEN
    CASE WHEN r.resolved_id IS NULL THEN '{ReferenceState.UNRESOLVED.value}'
    ELSE '{ReferenceState.LOST.value}' END
 WHEN r.resolved_id <> now THEN '{ReferenceState.RETARGETED.value}'
 ELSE '{ReferenceState.RESOLVED.value}' END
   FROM (SELECT {_NOW} AS now))
"""  # noqa: S608 - constants only
_WITH_ORIGINAL = {ReferenceState.RETARGETED, ReferenceState.LOST}
_WITHOUT_ORIGINAL = {ReferenceState.UNRESOLVED}


def reference_conditions(filter_: Filter, links: Links) -> Iterator[Condition]:
    """Yield the conditions of a filter on references; `links` are of the same filter."""
    for wanted, keys in zip(filter_.references, links.keys, strict=True):
        parts = list(_parts(wanted, keys))
        sql = " AND ".join(part for part, _ in parts) or "1"
        values = tuple(value for _, each in parts for value in each)
        rows = _indexed_rows(wanted, keys)
        yield Condition(
            f"EXISTS (SELECT 1 FROM search_reference AS r WHERE r.row = a.row AND {sql})",  # noqa: S608
            values,
            rows,
            is_exact=len(parts) <= 1 and wanted.states is None,
            scan=Select(f"SELECT row FROM search_reference AS r WHERE {sql}", values, cost=0.9),  # noqa: S608
        )


def _parts(
    wanted: ReferenceCondition, keys: tuple[LinkKey, ...] | None
) -> Iterator[tuple[str, tuple[Value, ...]]]:
    """Yield SQL and values of each condition on the reference `r`."""
    # Without the plus, SQLite would look in an index for all references of the kind.
    if wanted.kind is not None:
        yield "+r.kind = ?", (wanted.kind.value,)
    if wanted.role is not None:
        yield "r.role = ?", (wanted.role.value,)
    if keys is not None:
        yield _has_key("+r.kind", keys)
    if wanted.states is not None:
        yield from _state_parts(set(wanted.states))


def _has_key(kind: str, keys: tuple[LinkKey, ...]) -> tuple[str, tuple[Value, ...]]:
    if not keys:
        return "0", ()
    rows = ", ".join(["(?, ?, ?)"] * len(keys))
    values = tuple(v for key in keys for v in (key.kind.value, key.by.value, key.target))
    return f"({kind}, r.by, r.target) IN (VALUES {rows})", values


def _indexed_rows(
    wanted: ReferenceCondition, keys: tuple[LinkKey, ...] | None
) -> Select | None:
    """Return rows that contain all matches, by the index of targets."""
    if keys is not None:
        return _rows_with_key(keys)
    if wanted.kind is None:
        return None
    table = "search_reference AS r INDEXED BY search_by_target"
    return Select(f"SELECT row FROM {table} WHERE r.kind = ?", (wanted.kind.value,))  # noqa: S608


def _rows_with_key(keys: tuple[LinkKey, ...]) -> Select:
    if not keys:
        return Select("SELECT row FROM search_reference WHERE 0", ())
    _, values = _has_key("kind", keys)
    rows = ", ".join(["(?, ?, ?)"] * len(keys))
    sql = f"""
    SELECT row FROM (VALUES {rows}) AS k
     CROSS JOIN search_reference AS r INDEXED BY search_by_target
        ON r.kind = k.column1 AND r.by = k.column2 AND r.target = k.column3
    """  # noqa: S608 - constants only
    return Select(sql, values)


def _state_parts(states: set[ReferenceState]) -> Iterator[tuple[str, tuple[Value, ...]]]:
    # Most references need not be resolved to know that they are in none of these states.
    if states <= _WITH_ORIGINAL:
        yield "r.resolved_id IS NOT NULL", ()
    elif states <= _WITHOUT_ORIGINAL:
        yield "r.resolved_id IS NULL", ()
    yield f"{_STATE} IN ({', '.join('?' * len(states))})", tuple(s.value for s in states)
