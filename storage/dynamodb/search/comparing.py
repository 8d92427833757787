"""Compares a copy with its table, and its search index with its items, for `check`."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from storage.artifacts.records import Artifact
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.items.codec import decode
from storage.dynamodb.maintenance.batches import retry_for
from storage.dynamodb.schema.attributes import Item
from storage.dynamodb.search.artifact_ids import scan_ids
from storage.dynamodb.search.copy_file import CopyFile
from storage.dynamodb.search.copy_tables import ATTRIBUTES, read_all_items
from storage.dynamodb.search.polling import CopyOutdatedError, poll
from storage.errors import UndecodableError
from storage.inconsistencies import Inconsistency
from storage.search.differences import GONE, find_differences
from storage.temporary_database import open_temporary_database

_COPY = "the search index"
_BATCH = 400
_SEEN = "CREATE TABLE seen (id TEXT PRIMARY KEY) WITHOUT ROWID;"
_LOOKS = 3
"""An artifact that was written during the first look does not differ after another poll."""


def compare_copy(client: DynamoClient, file: CopyFile) -> Iterator[Inconsistency]:
    """Yield what a copy shows otherwise than the table; building it anew repairs all of it.

    Raises:
        StoreUnavailableError: if the table does not answer for minutes.
    """
    try:
        _poll(client, file)
        with file.reading() as db:
            found = list(find_differences(db, _decode_all(db)))
        found += _compare_items(client, file).items()
        yield from (Inconsistency(about, message) for about, message in dict(found).items())
    except CopyOutdatedError as error:
        yield Inconsistency(_COPY, f"cannot be continued: {error}")
    except (sqlite3.Error, UndecodableError) as error:
        yield Inconsistency(_COPY, f"cannot be read: {error}")


def _compare_items(client: DynamoClient, file: CopyFile) -> dict[str, str]:
    """Return the artifacts whose items differ in every look, with messages."""
    suspects: dict[str, str] = {}
    with open_temporary_database(_SEEN) as seen:
        for ids in scan_ids(client):
            seen.executemany("INSERT OR IGNORE INTO seen VALUES (?)", ((id_,) for id_ in ids))
            suspects |= _find_different(client, file, ids)
        with file.reading() as db:
            for (id_,) in db.execute("SELECT id FROM search_artifact"):
                if not seen.execute("SELECT 1 FROM seen WHERE id = ?", (id_,)).fetchone():
                    suspects[id_] = GONE
    for _ in range(_LOOKS):
        if suspects:
            _poll(client, file)
            suspects = _find_different(client, file, list(suspects))
    return suspects


def _find_different(client: DynamoClient, file: CopyFile, ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for at in range(0, len(ids), _BATCH):
        batch = ids[at : at + _BATCH]
        items = retry_for(partial(client.get_items, batch, ATTRIBUTES))
        with file.reading() as db:
            copied = file.read_items(db, batch)
        found |= _differences(batch, items, copied)
    return found


def _differences(
    ids: Iterable[str], items: Mapping[str, Item], copied: Mapping[str, Item]
) -> Iterator[tuple[str, str]]:
    """Yield the ids whose item in the copy is not the one of the table, with messages."""
    for id_ in ids:
        artifact = _decode_or_none(items.get(id_))
        copy = _decode_or_none(copied.get(id_))
        if artifact is None or copy is None:
            if artifact is not copy:
                yield id_, GONE if artifact is None else "is not in the search index"
        elif artifact.version != copy.version:
            yield id_, f"has version {copy.version} in the search index"
        elif items[id_] != copied[id_]:
            yield id_, "differs in the search index"


def _decode_or_none(item: Item | None) -> Artifact | None:
    try:
        return None if item is None else decode(item)
    except UndecodableError:
        return None


def _decode_all(db: sqlite3.Connection) -> Iterator[Artifact]:
    return (decode(item) for item in read_all_items(db))


def _poll(client: DynamoClient, file: CopyFile) -> None:
    retry_for(partial(poll, client, file))
