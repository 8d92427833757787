"""Encodes artifacts as items of the table, and decodes them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

import orjson

from storage.artifacts.projection import FULL_PROJECTION, AnyArtifact, Projection
from storage.artifacts.records import (
    Artifact,
    ArtifactType,
    PartialArtifact,
    SavedRating,
)
from storage.dynamodb.items.legacy_attributes import link_attributes
from storage.dynamodb.items.references import decode_references, encode_references
from storage.dynamodb.items.values import (
    DECODING_ERRORS,
    decode_actor,
    decode_time,
    decode_version,
    encode_actor,
    place_key,
    require_text,
    undecodable,
)
from storage.dynamodb.schema.attributes import KEY, Item, to_item
from storage.dynamodb.schema.keys import bearing_key

_TYPES = {member.value: member for member in ArtifactType}
_NULL: Item = {"NULL": True}
_Core = tuple[str, ArtifactType, str, str, str | None, int, datetime]
"""The fields of every PartialArtifact, in their order."""


def encode(artifact: Artifact) -> Item:
    """Return the artifact's item; what is None or empty has no attribute."""
    return to_item(
        {
            KEY: artifact.id,
            "artifact_type": artifact.type.value,
            "artifact": _encode_document(artifact),
            "url": artifact.url,
            "version": str(artifact.version),
            "created_at": artifact.created_at.isoformat(),
            "updated_at": artifact.updated_at.isoformat(),
            **_encode_details(artifact),
            "named_key": name_since(artifact),
            "bears": bearing_key(artifact),
            "name_normalized": artifact.name.strip().lower(),
            **link_attributes(artifact.references),
        }
    )


def _encode_details(artifact: Artifact) -> dict[str, Any]:
    rating, properties = artifact.rating, artifact.properties
    return {
        "license": artifact.license,
        "description": artifact.description,
        "tags": [{"S": tag} for tag in artifact.tags] or None,
        "properties": orjson.dumps(properties).decode() if properties else None,
        "references": encode_references(artifact.references) if artifact.references else None,
        "rating": rating.text if rating else None,
        "rated_at": rating.at.isoformat() if rating and rating.at else None,
        "rated_by": encode_actor(rating.by if rating else None),
        "created_by": encode_actor(artifact.created_by),
        "updated_by": encode_actor(artifact.updated_by),
        "content_version": str(artifact.content_version),
    }


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


def name_since(artifact: PartialArtifact) -> str:
    """Return the artifact's place among those of its name: since when it has it, and its id."""
    return place_key(artifact.named_at, artifact.id)


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


def _encode_document(artifact: Artifact) -> str:
    data = {"url": artifact.url}
    if artifact.download_url is not None:
        data["download_url"] = artifact.download_url
    metadata = {"name": artifact.name, "id": artifact.id, "type": artifact.type.value}
    return orjson.dumps({"metadata": metadata, "data": data}).decode()


def _decode_core(item: Item) -> _Core:
    document = orjson.loads(item["artifact"]["S"])
    download_url = document["data"].get("download_url")
    return (
        item[KEY]["S"],
        _TYPES[item["artifact_type"]["S"]],
        require_text(document["metadata"]["name"] or ""),
        item["url"]["S"],
        None if download_url is None else require_text(download_url),
        decode_version(item),
        decode_time(item["named_key"]["S"].partition("#")[0]),
    )


def _decode_time(item: Item, name: str) -> datetime:
    return decode_time(item[name]["S"])


def _decode_text(item: Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _decode_tags(item: Item) -> tuple[str, ...]:
    return tuple([tag["S"] for tag in item["tags"]["L"]]) if "tags" in item else ()


def _decode_properties(item: Item) -> tuple[tuple[str, str], ...]:
    if "properties" not in item:
        return ()
    rows = orjson.loads(item["properties"]["S"])
    return tuple([(require_text(key), require_text(value)) for key, value in rows])


def _decode_rating(item: Item) -> SavedRating | None:
    text = rating_text(item)
    if text is None:
        return None
    at = _decode_time(item, "rated_at") if "rated_at" in item else None
    return SavedRating(text, at, decode_actor(item, "rated_by"))


def _decode_content_version(item: Item) -> int:
    return decode_version(item, "content_version" if "content_version" in item else "version")


_DECODERS: Mapping[str, Callable[[Item], Any]] = {
    "license": partial(_decode_text, name="license"),
    "description": partial(_decode_text, name="description"),
    "tags": _decode_tags,
    "properties": _decode_properties,
    "created_at": partial(_decode_time, name="created_at"),
    "updated_at": partial(_decode_time, name="updated_at"),
    "created_by": partial(decode_actor, name="created_by"),
    "updated_by": partial(decode_actor, name="updated_by"),
    "content_version": _decode_content_version,
    "references": decode_references,
    "rating": _decode_rating,
}
