"""The rows that an artifact has in the tables of the search index."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

from storage.artifacts.licenses import to_license_value
from storage.artifacts.names import normalise
from storage.artifacts.rating import decode_rating
from storage.artifacts.records import Artifact, Reference
from storage.errors import UndecodableError
from storage.search.folding import fold

Row: TypeAlias = tuple[Any, ...]


class Table(NamedTuple):
    """A table in which an artifact has rows; all have its `row`."""

    name: str
    columns: tuple[str, ...]
    """All but `row`."""
    key: str
    """The columns by which the rows of an artifact are ordered."""


ARTIFACTS = Table(
    "search_artifact",
    (
        "id", "type", "version", "name", "name_normalized", "named_at", "url", "license",
        "license_normalized", "created_by", "created_by_normalized", "created_at",
        "updated_at", "is_tagged", "has_properties", "is_rated", "net_score",
    ),
    "row",
)  # fmt: skip
TEXTS = Table("search_text", ("name", "other"), "row")
TAGS = Table("search_tag", ("tag_normalized", "type", "tag"), "tag_normalized")
_PROPERTIES = Table(
    "search_property",
    ("key_normalized", "type", "key", "value", "value_normalized", "repeats"),
    "key_normalized, key",
)
_REFERENCES = Table(
    "search_reference",
    ("position", "kind", "role", "by", "target", "resolved_id"),
    "position",
)
ALL_TABLES = (ARTIFACTS, TAGS, _PROPERTIES, _REFERENCES, TEXTS)


def encode(artifact: Artifact) -> Iterator[tuple[Table, list[Row]]]:
    """Yield ALL_TABLES, with the rows that an artifact has there, in the order of the key."""
    artifact_type = artifact.type.value
    yield ARTIFACTS, [_encode_artifact(artifact)]
    yield TAGS, sorted(_encode_tags(artifact.tags, artifact_type))
    yield _PROPERTIES, sorted(_encode_properties(artifact.properties, artifact_type))
    yield _REFERENCES, list(_encode_references(artifact.references))
    yield TEXTS, [encode_text(artifact)]


def encode_text(artifact: Artifact) -> tuple[str, str]:
    """Return the folded name, and the folded tags, description and url.

    White space around the name is left out, as everywhere where names are compared.
    """
    others = (*artifact.tags, artifact.description or "", artifact.url)
    return fold(artifact.name.strip()), fold("\n".join(others))


def _encode_artifact(artifact: Artifact) -> Row:
    creator = None if artifact.created_by is None else artifact.created_by.name
    license_ = None if artifact.license is None else to_license_value(artifact.license)
    return (
        artifact.id,
        artifact.type.value,
        artifact.version,
        artifact.name,
        normalise(artifact.name),
        encode_time(artifact.named_at),
        artifact.url,
        license_,
        _normalise(license_),
        creator,
        _normalise(creator),
        encode_time(artifact.created_at),
        encode_time(artifact.updated_at),
        int(bool(artifact.tags)),
        int(bool(artifact.properties)),
        int(artifact.rating is not None),
        _net_score(artifact),
    )


def _encode_tags(tags: Iterable[str], artifact_type: str) -> Iterator[Row]:
    """Yield a row for each normalised tag, with its first spelling."""
    seen = set()
    for tag in tags:
        normalized = normalise(tag)
        if normalized not in seen:
            seen.add(normalized)
            yield normalized, artifact_type, tag


def _encode_properties(
    properties: Iterable[tuple[str, str]], artifact_type: str
) -> Iterator[Row]:
    """Yield a row for each property.

    `repeats` is 1 if an earlier property has the same normalised key, 2 if one has the same
    normalised key and value.
    """
    seen: set[Row] = set()
    for key, value in dict(properties).items():
        names = normalise(key), normalise(value)
        repeats = 2 if names in seen else int(names[:1] in seen)
        seen.update((names, names[:1]))
        yield names[0], artifact_type, key, value, names[1], repeats


def _encode_references(references: Iterable[Reference]) -> Iterator[Row]:
    for position, r in enumerate(references):
        role = r.role and r.role.value
        resolved_id = r.resolved and r.resolved.id
        yield position, r.kind.value, role, r.lookup_field.value, r.target.value, resolved_id


def _normalise(text: str | None) -> str | None:
    return None if text is None else normalise(text)


def encode_time(time: datetime) -> str:
    """Return a time so that texts compare like times."""
    with suppress(OverflowError):  # at either end of the calendar
        time = time.astimezone(UTC)
    return time.isoformat(timespec="microseconds")


def _net_score(artifact: Artifact) -> float | None:
    if artifact.rating is None:
        return None
    try:
        return decode_rating(artifact.rating.text).net_score
    except UndecodableError:
        return None
