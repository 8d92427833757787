"""Describes artifacts that cannot be decoded, so that they can be deleted."""

import sqlite3
from datetime import datetime

from storage.artifacts.records import Artifact, ArtifactType
from storage.sqlite.deleted import last_version
from storage.sqlite.fetch import fetch
from storage.sqlite.values import LAST_VERSION

_TYPES = {type_.value: type_ for type_ in ArtifactType}


def describe(db: sqlite3.Connection, id_: str, now: datetime) -> Artifact:
    """Return an artifact with what can be read of one that cannot be decoded as a whole."""
    row = "SELECT type, name, url, version FROM artifact WHERE id = ?"
    ((type_, name, url, stored_version),) = fetch(db, row, (id_,))
    has_version = 1 <= stored_version < LAST_VERSION  # its deletion has the next one
    version = stored_version if has_version else max(last_version(db, id_), 1)
    return Artifact(
        id=id_,
        type=_TYPES.get(type_) or _type_in_history(db, id_),
        name=name,
        url=url,
        download_url=None,
        version=version,
        named_at=now,
        created_at=now,
        updated_at=now,
        license=None,
        tags=(),
        references=(),
        rating=None,
        description=None,
        properties=(),
        created_by=None,
        updated_by=None,
        content_version=version,
    )


def _type_in_history(db: sqlite3.Connection, id_: str) -> ArtifactType:
    """Return the type that a change of the artifact names; a model if nothing tells."""
    types = fetch(db, "SELECT DISTINCT type FROM change WHERE artifact_id = ?", (id_,))
    return next((_TYPES[type_] for (type_,) in types if type_ in _TYPES), ArtifactType.MODEL)
