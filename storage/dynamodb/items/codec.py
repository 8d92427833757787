"""Encodes artifacts as items of the table, and decodes them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

import orjson

from storage.artifacts.names import normalise
from storage.artifacts.projection import FULL_PROJECTION, AnyArtifact, Projection
from storage.artifacts.records import (
    Artifact,
    ArtifactType,
    LookupField,
    Reference,
    ReferenceKind,
    ResolvedTarget,
    Target,
)
from storage.dynamodb.items.legacy_attributes import link_attributes
from storage.dynamodb.schema.attributes import KEY, Item, to_item
from storage.dynamodb.schema.keys import created_shard, uniqueness_key
from storage.errors import UndecodableError
from storage.search.listing import created_key, name_key

DECODING_ERRORS = KeyError, ValueError, TypeError, AttributeError
"""Raised by reading an item that lacks attributes of an artifact."""
# Looking an enum's member up takes a tenth of the time of calling the enum.
_TYPES = {member.value: member for member in ArtifactType}
_KINDS = {member.value: member for member in ReferenceKind}
_FIELDS = {member.value: member for member in LookupField}
_NULL: Item = {"NULL": True}
_Core = tuple[str, ArtifactType, str, str, str | None, int, datetime]
"""The fields of every PartialArtifact, in their order."""


def encode(artifact: Artifact) -> Item:
    """Return the artifact's item; what is None or empty has no attribute."""
    name = normalise(artifact.name)
    references = artifact.references
    return to_item(
        {
            KEY: artifact.id,
            "artifact_type": artifact.type.value,
            "artifact": _encode_document(artifact),
            "url": artifact.url,
            "version": str(artifact.version),
            "created_at": artifact.created_at.isoformat(),
            "updated_at": artifact.updated_at.isoformat(),
            "license": artifact.license,
            "tags": [{"S": tag} for tag in artifact.tags] or None,
            "references": encode_references(references) if references else None,
            "rating": artifact.rating,
            "name_key": name_key(artifact.name, artifact.id),
            "created_shard": created_shard(artifact.type, artifact.id),
            "created_key": created_key(artifact.created_at, artifact.id),
            "named_key": name_since(artifact),
            "bears": uniqueness_key(Target(artifact.type, LookupField.NAME, name))
            if name
            else None,
            "name_normalized": artifact.name.strip().lower(),
            **link_attributes(references),
        }
    )


def decode(item: Item) -> Artifact:
    """Return the artifact of an item, with all details.

    Raises:
        UndecodableError: if it is not the item of an artifact.
    """
    return decode_projected(item, FULL_PROJECTION)


def decode_projected(item: Item, projection: Projection[AnyArtifact]) -> AnyArtifact:
    """Return the artifact of an item, with the details of the projection.

    Raises:
        UndecodableError: if it is not the item of an artifact.
    """
    try:
        details = {detail: _DECODERS[detail](item) for detail in projection.details}
        return projection.artifact_class(*_decode_core(item), **details)
    except DECODING_ERRORS as error:
        raise undecodable(item) from error


def undecodable(item: Item) -> UndecodableError:
    """Return the error that names an item which cannot be decoded."""
    key = item.get(KEY, {}).get("S", "without an id")
    return UndecodableError(f"the item {key} is not an artifact")


def name_since(artifact: Artifact) -> str:
    """Return the artifact's place among those of its name: since when it has it, and its id."""
    return created_key(artifact.named_at, artifact.id)


def encode_resolved(resolved: ResolvedTarget) -> str:
    """Return a url's owner as its id, a name's owner as its place among the namesakes."""
    if resolved.named_at is None:
        return resolved.id
    return created_key(resolved.named_at, resolved.id)


def decode_resolved(text: str) -> ResolvedTarget:
    """Return the owner that `encode_resolved` encoded."""
    since, _, id_ = text.rpartition("#")
    return ResolvedTarget(id_, datetime.fromisoformat(since) if since else None)


def encode_references(references: tuple[Reference, ...]) -> str:
    """Return references as JSON: kind, field, value and, if it resolved, the target."""
    rows: list[list[str]] = []
    for r in references:
        row = [r.kind.value, r.lookup_field.value, r.value]
        rows.append([*row, encode_resolved(r.resolved)] if r.resolved else row)
    return orjson.dumps(rows).decode()


def decode_references(item: Item) -> tuple[Reference, ...]:
    """Return the references of a model's item."""
    if "references" not in item:
        return ()
    return tuple([_to_reference(*row) for row in orjson.loads(item["references"]["S"])])


def _to_reference(kind: str, by: str, value: str, resolved: str | None = None) -> Reference:
    target = decode_resolved(resolved) if resolved else None
    return Reference(_KINDS[kind], _FIELDS[by], value, target)


def _decode_core(item: Item) -> _Core:
    document = orjson.loads(item["artifact"]["S"])
    return (
        item[KEY]["S"],
        _TYPES[item["artifact_type"]["S"]],
        document["metadata"]["name"] or "",
        item["url"]["S"],
        document["data"].get("download_url"),
        int(item["version"]["N"]),
        datetime.fromisoformat(item["named_key"]["S"].partition("#")[0]),
    )


def _encode_document(artifact: Artifact) -> str:
    data = {"url": artifact.url}
    if artifact.download_url is not None:
        data["download_url"] = artifact.download_url
    metadata = {"name": artifact.name, "id": artifact.id, "type": artifact.type.value}
    return orjson.dumps({"metadata": metadata, "data": data}).decode()


def _decode_time(item: Item, name: str) -> datetime:
    return datetime.fromisoformat(item[name]["S"])


def _decode_tags(item: Item) -> tuple[str, ...]:
    return tuple(tag["S"] for tag in item["tags"]["L"]) if "tags" in item else ()


def _decode_license(item: Item) -> str | None:
    return item["license"]["S"] if "license" in item else None


def rating_text(item: Item) -> str | None:
    """Return JSON text, whether the rating is stored as text or as a map."""
    value = item.get("rating", _NULL)
    if "NULL" in value:
        return None
    return value["S"] if "S" in value else orjson.dumps(_to_json(value)).decode()


def _to_json(value: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON is any value
    ((type_, content),) = value.items()
    if type_ == "M":
        return {name: _to_json(member) for name, member in content.items()}
    if type_ == "N":
        return float(Decimal(content))
    return None if type_ == "NULL" else content


_DECODERS: Mapping[str, Callable[[Item], Any]] = {
    "license": _decode_license,
    "tags": _decode_tags,
    "created_at": partial(_decode_time, name="created_at"),
    "updated_at": partial(_decode_time, name="updated_at"),
    "references": decode_references,
    "rating": rating_text,
}
