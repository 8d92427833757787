"""Finds changes that cannot be read, and those that contradict what came after them."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from storage.artifacts.change_digests import (
    Digest,
    FieldDigests,
    digest_artifact,
    digest_change,
    find_contradictions,
)
from storage.artifacts.projection import FULL_PROJECTION
from storage.artifacts.records import Artifact
from storage.errors import UndecodableError
from storage.inconsistencies import CONTRADICTION, Inconsistency
from storage.sqlite import lookups
from storage.sqlite.changes import SELECT_CHANGES, decode_change
from storage.sqlite.fetch import fetch

_BY_ARTIFACT = f"{SELECT_CHANGES} ORDER BY artifact_id, version DESC"


def find_wrong_changes(db: sqlite3.Connection) -> Iterator[Inconsistency]:
    """Yield the changes that are wrong; nothing says how to repair them."""
    for id_, rows in groupby(fetch(db, _BY_ARTIFACT), itemgetter(0)):
        unreadable: list[Any] = []
        digests = _digest_readable(rows, unreadable)
        for version in find_contradictions(_digest_current(db, id_), digests):
            message = f"has a change of version {version} that {CONTRADICTION}"
            yield Inconsistency(id_, message, is_repairable=False)
        for version in unreadable:
            message = f"has a change of version {version} that cannot be read"
            yield Inconsistency(id_, message, is_repairable=False)


def _digest_readable(
    rows: Iterable[tuple[Any, ...]], unreadable: list[Any]
) -> Iterator[tuple[int, FieldDigests]]:
    """Yield the versions and digests of changes; add the versions of others to `unreadable`."""
    for row in rows:
        change = decode_change(row)
        if isinstance(change, UndecodableError):
            unreadable.append(row[1])
        else:
            yield change.version, digest_change(change)


def _digest_current(db: sqlite3.Connection, id_: str) -> tuple[int, dict[str, Digest]] | None:
    artifact = lookups.get_by_ids(db, [id_], FULL_PROJECTION).get(id_)
    if not isinstance(artifact, Artifact):
        return None
    return artifact.version, digest_artifact(artifact)
