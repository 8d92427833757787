"""Import and export of newline-delimited JSON: `{"type": "model", "url": ...}` a line."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import islice
from typing import Any

import orjson

from storage.artifacts.inputs import draft, identity
from storage.artifacts.rating import decode_rating
from storage.artifacts.records import (
    Artifact,
    ArtifactType,
    InvalidInputError,
    NewArtifact,
    OnConflict,
    ReferenceKind,
    Registered,
    WriteError,
)
from storage.errors import StoreUnavailableError, UndecodableError
from storage.store import Store

_BATCH = 100
_IDENTITY = ("id", "version", "createdAt", "updatedAt", "namedAt")
_FIELDS = {
    ReferenceKind.DATASET: "datasets",
    ReferenceKind.CODE: "codes",
    ReferenceKind.BASE_MODEL: "baseModels",
}


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that was not imported, and why."""

    line: int
    reason: str
    message: str
    text: str


@dataclass(slots=True)
class Summary:
    """What became of the lines so far."""

    registered: int = 0
    updated: int = 0
    rejected: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: bytes


def import_lines(
    store: Store,
    lines: Iterable[bytes],
    on_conflict: OnConflict = OnConflict.REJECT,
    rejected: Callable[[Reject], None] = lambda _: None,
) -> Summary:
    """Register what the lines say, a hundred at a time; a bad line does not stop the rest.

    What was imported before a StoreUnavailableError stays; the same lines can be imported
    again with OnConflict.UPDATE.
    """
    summary = Summary()
    numbered = (_Line(n, text.strip()) for n, text in enumerate(lines, 1) if text.strip())
    while batch := list(islice(numbered, _BATCH)):
        for line, outcome in _import(store, batch, on_conflict):
            if isinstance(outcome, Registered):
                summary.registered += outcome.created
                summary.updated += not outcome.created
            else:
                reject = _reject(line, outcome)
                summary.rejected[reject.reason] += 1
                rejected(reject)
    return summary


def _import(
    store: Store, lines: Sequence[_Line], on_conflict: OnConflict
) -> Iterator[tuple[_Line, Registered | WriteError | str]]:
    drafts: list[tuple[_Line, NewArtifact]] = []
    for line in lines:
        parsed = _parse(line.text)
        if isinstance(parsed, NewArtifact):
            drafts.append((line, parsed))
        else:
            yield line, parsed
    outcomes = store.register([draft for _, draft in drafts], on_conflict)
    for (line, _), outcome in zip(drafts, outcomes, strict=True):
        if isinstance(outcome, StoreUnavailableError):
            raise outcome
        yield line, outcome


def _reject(line: _Line, why: WriteError | str) -> Reject:
    text = line.text.decode(errors="backslashreplace")
    if isinstance(why, str):
        return Reject(line.number, "UNREADABLE", why, text)
    return Reject(line.number, why.code.value, why.message, text)


def import_sample(store: Store) -> Summary:
    """Register the sample data; what is there already stays as it is."""
    with files("storage.transfer").joinpath("sample.ndjson").open("rb") as lines:
        return import_lines(store, lines)


def export_lines(
    store: Store, rejected: Callable[[Artifact, str], None] = lambda _, __: None
) -> Iterator[bytes]:
    """A line for every artifact, which imports as the same artifact."""
    for artifact in store.scan():
        try:
            yield orjson.dumps(artifact_fields(artifact), option=orjson.OPT_APPEND_NEWLINE)
        except UndecodableError as error:
            rejected(artifact, str(error))


def _parse(text: bytes) -> NewArtifact | WriteError | str:
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return f"not JSON: {error}"
    if not isinstance(fields, dict):
        return "not a JSON object"
    try:
        of = ArtifactType(fields.pop("type", None))
    except ValueError:
        return "type must be model, dataset or code"
    kept = {name: fields.pop(name) for name in _IDENTITY if name in fields}
    try:
        return draft(of, fields, identity(kept) if kept else None)
    except InvalidInputError as error:
        return error.errors[0]


def artifact_fields(artifact: Artifact) -> dict[str, Any]:
    """All of an artifact, in the names of the API."""
    optional: dict[str, Any] = {
        "downloadUrl": artifact.download_url,
        "license": artifact.license,
        "tags": artifact.tags,
        **{
            name: [{r.by.value: r.value} for r in artifact.references if r.kind is kind]
            for kind, name in _FIELDS.items()
        },
    }
    if artifact.rating is not None:
        optional["rating"] = decode_rating(artifact.rating).model_dump(by_alias=True)
    return {
        "type": artifact.type.value,
        "id": artifact.id,
        "name": artifact.name,
        "url": artifact.url,
        **{name: value for name, value in optional.items() if value},
        "version": artifact.version,
        "createdAt": artifact.created_at,
        "updatedAt": artifact.updated_at,
        "namedAt": artifact.named_at,
    }
