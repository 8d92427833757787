"""Compares changes with those after them and with their artifact, by digests of the values."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, TypeAlias

import orjson

from storage.artifacts.changes import Change, ChangeKind, input_fields
from storage.artifacts.rating import is_rating
from storage.artifacts.records import Artifact

Digest: TypeAlias = str | None
"""None is that of a field without a value."""
FieldDigests: TypeAlias = Mapping[str, tuple[Digest, Digest]]
"""The digests of fields before and after a change."""
_UNKNOWN = "?"
"""The digest of a value that was left out, or that cannot be read."""
_OPTIONS = orjson.OPT_SORT_KEYS


def digest_artifact(artifact: Artifact) -> dict[str, Digest]:
    """Return the digests of all fields that have a value."""
    digests = {field: _digest(value) for field, value in input_fields(artifact).items()}
    if artifact.rating and not is_rating(artifact.rating.text):
        digests["rating"] = _UNKNOWN
    return digests


def digest_change(change: Change) -> FieldDigests:
    """Return the digests of the fields of a change.

    A deletion has none: what was deleted may not have been readable as a whole.
    """
    if change.kind is ChangeKind.DELETED:
        return {}
    return {each.field: (_digest(each.before), _digest(each.after)) for each in change.fields}


def find_contradictions(
    artifact: tuple[int, Mapping[str, Digest]] | None,
    changes: Iterable[tuple[int, FieldDigests]],
) -> Iterator[int]:
    """Yield the versions of changes after which a field has another value than before the next.

    `artifact` is the version and the digests of the artifact as it is now; the changes are the
    newest first. What came before a change without fields, or before one that is missing, is
    not known.
    """
    known: dict[str, Digest] = {}
    next_version = 0
    for version, fields in changes:
        is_newest = artifact is not None and not next_version and version == artifact[0]
        if artifact is not None and is_newest:
            known = {**dict.fromkeys(fields), **artifact[1]}
        elif version != next_version - 1:
            known = {}
        if any(_differ(known.get(name, after), after) for name, (_, after) in fields.items()):
            yield version
        known = {**known, **{name: before for name, (before, _) in fields.items()}}
        known = known if fields else {}
        next_version = version


def _digest(value: Any) -> Digest:  # noqa: ANN401 - JSON is any value
    if value is None:
        return None
    if isinstance(value, dict) and (value.keys() & {"omittedBytes", "unreadable"}):
        return _UNKNOWN
    return blake2b(orjson.dumps(value, option=_OPTIONS), digest_size=8).hexdigest()


def _differ(one: Digest, other: Digest) -> bool:
    return one != other and _UNKNOWN not in (one, other)
