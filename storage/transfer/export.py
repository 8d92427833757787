"""Exports a store as NDJSON: a line for each artifact, deleted artifact and change."""

import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from storage.artifacts.records import Artifact
from storage.callbacks import ignore_unreadable
from storage.change_queries import DeletedArtifact, HistoryPage, HistoryQuery
from storage.errors import UndecodableError
from storage.store import Store
from storage.transfer.encoding import (
    artifact_fields,
    change_fields,
    deleted_fields,
    describe_deletion,
    describe_registration,
    encode_line,
)

_T = TypeVar("_T")
_OnUnreadable = Callable[[UndecodableError], None]

_BATCH = 100
"""The most changes that are read at a time, and so the most artifacts."""
_FIRST_CHANGES = 10
"""The changes that are read with each artifact of a batch; few have more."""


def export_lines(
    store: Store,
    on_unreadable: _OnUnreadable = ignore_unreadable,
    *,
    with_history: bool = True,
) -> Iterator[bytes]:
    """Yield lines from which an import makes the same registry.

    Deleted artifacts come first, then artifacts in the order in which they got their names,
    each followed by its changes, the newest first. So what is restored while the export runs
    is in it at least once. Artifacts and changes that cannot be decoded are left out, and
    their errors passed to `on_unreadable`.
    """
    if with_history:
        yield from _export_deleted(store, on_unreadable)
    artifacts = store.scan(on_unreadable)
    if not with_history:
        yield from (encode_line(artifact_fields(artifact)) for artifact in artifacts)
        return
    for batch in _split(artifacts, lambda artifact: artifact.version):
        yield from _export_with_histories(store, batch, on_unreadable)


def write_lines(file: Path, lines: Iterable[bytes], is_complete: Callable[[], bool]) -> int:
    """Write lines to a file, or to stdout for "-", and return their number.

    The file gets its name only once it is complete; `.incomplete` is added if it never is. A
    device or pipe is written to as it is, and the target of a link instead of the link.
    """
    if str(file) == "-":
        return sum(1 for line in lines if sys.stdout.buffer.write(line))
    file = file.resolve()
    if file.exists() and not file.is_file():
        with file.open("wb") as device:
            return sum(1 for line in lines if device.write(line))
    partial = file.with_name(f"{file.name}.partial")
    try:
        if file.exists():
            partial.touch(file.stat().st_mode & 0o777)
        with partial.open("wb") as out:
            count = sum(1 for line in lines if out.write(line))
        incomplete = file.with_name(f"{file.name}.incomplete")
        partial.replace(file if is_complete() else incomplete)
    finally:
        partial.unlink(missing_ok=True)
    return count


def _export_with_histories(
    store: Store, artifacts: Sequence[Artifact], on_unreadable: _OnUnreadable
) -> Iterator[bytes]:
    queries = [HistoryQuery(each.id, each.version, _FIRST_CHANGES) for each in artifacts]
    pages = store.read_history(queries)
    for artifact, query, page in zip(artifacts, queries, pages, strict=True):
        yield encode_line(artifact_fields(artifact))
        if not _begins_with(page, query):
            yield encode_line(change_fields(describe_registration(artifact)))
        yield from _export_history(store, query, page, on_unreadable)


def _export_deleted(store: Store, on_unreadable: _OnUnreadable) -> Iterator[bytes]:
    """Yield deleted artifacts in the order of their deletion; the sorting is done on disk."""
    with closing(sqlite3.connect("")) as db:
        db.execute("CREATE TABLE deleted (at, id, version, line, deletion)")
        rows = map(_deleted_row, store.scan_deleted())
        db.executemany("INSERT INTO deleted VALUES (?, ?, ?, ?, ?)", rows)
        sorted_rows = db.execute(
            "SELECT id, version, line, deletion FROM deleted ORDER BY at, id"
        )
        for batch in _split(sorted_rows, lambda row: int(row[1])):
            queries = [HistoryQuery(id_, version, _FIRST_CHANGES) for id_, version, *_ in batch]
            pages = store.read_history(queries)
            for (*_, line, deletion), query, page in zip(batch, queries, pages, strict=True):
                yield line
                if not _begins_with(page, query):
                    yield deletion
                yield from _export_history(store, query, page, on_unreadable)


def _split(items: Iterable[_T], get_version: Callable[[_T], int]) -> Iterator[list[_T]]:
    """Yield batches of items of which few enough changes are read at a time."""
    batch: list[_T] = []
    count = 0
    for item in items:
        batch.append(item)
        count += min(get_version(item), _FIRST_CHANGES)
        if count >= _BATCH:
            yield batch
            batch, count = [], 0
    if batch:
        yield batch


def _deleted_row(deleted: DeletedArtifact) -> tuple[str, str, int, bytes, bytes]:
    return (
        deleted.deleted_at.isoformat(timespec="microseconds"),
        deleted.artifact.id,
        deleted.artifact.version,
        encode_line(deleted_fields(deleted)),
        encode_line(change_fields(describe_deletion(deleted))),
    )


def _begins_with(page: HistoryPage, query: HistoryQuery) -> bool:
    """Return whether the newest change is known.

    It is not if it was made before histories were kept, or has expired. Its line is then the
    change that an import without it makes.
    """
    return bool(page.changes) and page.changes[0].version == query.version


def _export_history(
    store: Store, query: HistoryQuery, page: HistoryPage, on_unreadable: _OnUnreadable
) -> Iterator[bytes]:
    expected = query.version
    while True:
        for change in page.changes:
            for version in range(expected, change.version, -1):
                message = f"version {version} of {query.artifact_id} cannot be read"
                on_unreadable(UndecodableError(message))
            yield encode_line(change_fields(change))
            expected = change.version - 1
        if not page.has_next or not page.changes:
            return
        (page,) = store.read_history([HistoryQuery(query.artifact_id, expected, _BATCH)])
