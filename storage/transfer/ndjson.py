"""Import and export of NDJSON: a line such as `{"type": "model", "url": ...}` per artifact."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import islice
from typing import Any

import orjson

from storage.artifacts.inputs import parse_identity, parse_new_artifact
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
_FIELD_OF_KIND = {
    ReferenceKind.DATASET: "datasets",
    ReferenceKind.CODE: "codes",
    ReferenceKind.BASE_MODEL: "baseModels",
}


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line that was not imported, and the reason."""

    line: int
    reason: str
    message: str
    text: str


@dataclass(slots=True)
class Summary:
    """The numbers of registered, updated and rejected lines."""

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
    on_reject: Callable[[RejectedLine], None] = lambda _: None,
) -> Summary:
    """Register the artifact of each line, a hundred at a time; invalid lines are rejected.

    Lines that were imported before a StoreUnavailableError stay imported; all lines can be
    imported again with OnConflict.UPDATE.
    """
    summary = Summary()
    numbered = (_Line(n, text.strip()) for n, text in enumerate(lines, 1) if text.strip())
    while batch := list(islice(numbered, _BATCH)):
        for line, outcome in _import_batch(store, batch, on_conflict):
            if isinstance(outcome, Registered):
                summary.registered += outcome.created
                summary.updated += not outcome.created
            else:
                rejected = _to_rejected_line(line, outcome)
                summary.rejected[rejected.reason] += 1
                on_reject(rejected)
    return summary


def _import_batch(
    store: Store, lines: Sequence[_Line], on_conflict: OnConflict
) -> Iterator[tuple[_Line, Registered | WriteError | str]]:
    parsed_lines: list[tuple[_Line, NewArtifact]] = []
    for line in lines:
        parsed = _parse(line.text)
        if isinstance(parsed, NewArtifact):
            parsed_lines.append((line, parsed))
        else:
            yield line, parsed
    outcomes = store.register([new for _, new in parsed_lines], on_conflict)
    for (line, _), outcome in zip(parsed_lines, outcomes, strict=True):
        if isinstance(outcome, StoreUnavailableError):
            raise outcome
        yield line, outcome


def _to_rejected_line(line: _Line, error: WriteError | str) -> RejectedLine:
    text = line.text.decode(errors="backslashreplace")
    if isinstance(error, str):
        return RejectedLine(line.number, "UNREADABLE", error, text)
    return RejectedLine(line.number, error.code.value, error.message, text)


def import_sample(store: Store) -> Summary:
    """Register the sample data; artifacts that exist already stay as they are."""
    with files("storage.transfer").joinpath("sample.ndjson").open("rb") as lines:
        return import_lines(store, lines)


def export_lines(
    store: Store, on_reject: Callable[[Artifact, str], None] = lambda _, __: None
) -> Iterator[bytes]:
    """Yield a line for each artifact; importing it restores the artifact.

    Artifacts whose rating cannot be read are left out and passed to `on_reject`.
    """
    for artifact in store.scan():
        try:
            yield orjson.dumps(artifact_fields(artifact), option=orjson.OPT_APPEND_NEWLINE)
        except UndecodableError as error:
            on_reject(artifact, str(error))


def _parse(text: bytes) -> NewArtifact | WriteError | str:
    """Return the artifact of a line, the first rule that it breaks, or why it is unreadable."""
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return f"not JSON: {error}"
    if not isinstance(fields, dict):
        return "not a JSON object"
    try:
        artifact_type = ArtifactType(fields.pop("type", None))
    except ValueError:
        return "type must be model, dataset or code"
    identity = {name: fields.pop(name) for name in _IDENTITY if name in fields}
    try:
        return parse_new_artifact(
            artifact_type, fields, parse_identity(identity) if identity else None
        )
    except InvalidInputError as error:
        return error.errors[0]


def artifact_fields(artifact: Artifact) -> dict[str, Any]:
    """Return all fields of an artifact, with the API's field names."""
    optional: dict[str, Any] = {
        "downloadUrl": artifact.download_url,
        "license": artifact.license,
        "tags": artifact.tags,
        **{
            name: [
                {r.lookup_field.value: r.value} for r in artifact.references if r.kind is kind
            ]
            for kind, name in _FIELD_OF_KIND.items()
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
