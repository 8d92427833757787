"""How artifacts are written as items and read from them, the earlier backend's included."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson

from storage.dynamodb.earlier import caught_up, single_valued
from storage.dynamodb.keys import created_shard, owner_key
from storage.errors import UndecodableError
from storage.listing import created_key, name_key
from storage.names import normalise
from storage.records import (
    Artifact,
    ArtifactType,
    By,
    Hint,
    Reference,
    ReferenceKind,
    Target,
)

Item = Mapping[str, Any]
"""Attributes as boto3's low-level client has them: name to {type: value}."""

UNKNOWN_TIME = datetime.fromtimestamp(0, UTC)
"""The earlier backend kept no times."""
_TYPES = {of.value: of for of in ArtifactType}
_KINDS = {kind.value: kind for kind in ReferenceKind}
_BYS = {by.value: by for by in By}
"""Looking a member up takes a tenth of the time of calling its enum."""


def is_adopted(item: Item) -> bool:
    """Whether the item has its url, name and references registered beside it.

    The earlier backend's have not, until they are written for the first time.
    """
    return "version" in item


def encode(artifact: Artifact) -> dict[str, Any]:
    """The artifact's item; what is None or empty has no attribute."""
    name = normalise(artifact.name)
    texts = {
        "artifact_id": artifact.id,
        "artifact_type": artifact.type.value,
        "artifact": _document(artifact),
        "url": artifact.url,
        "name_normalized": artifact.name.strip().lower(),
        "rating": artifact.rating,
        "license": artifact.license,
        "created_at": artifact.created_at.isoformat(),
        "updated_at": artifact.updated_at.isoformat(),
        "name_key": name_key(artifact.name, artifact.id),
        "created_shard": created_shard(artifact.type, artifact.id),
        "created_key": created_key(artifact.created_at, artifact.id),
        "named_key": named_key(artifact),
        "bears": owner_key(Target(artifact.type, By.NAME, name)) if name else None,
        "references": _encode_references(artifact.references) if artifact.references else None,
        **single_valued(artifact.references),
    }
    item: dict[str, Any] = {k: {"S": v} for k, v in texts.items() if v is not None}
    item["version"] = {"N": str(artifact.version)}
    if artifact.tags:
        item["tags"] = {"L": [{"S": tag} for tag in artifact.tags]}
    return item


def decode(item: Item) -> Artifact:
    """The artifact of an item.

    Raises:
        UndecodableError: where the item is none that any backend writes.
    """
    try:
        return _decode(item)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        key = item.get("artifact_id", {}).get("S", "without an id")
        raise UndecodableError(f"the item {key} is no artifact") from error


def named_key(artifact: Artifact) -> str:
    """The artifact's place among the bearers of its name."""
    return created_key(artifact.named_at, artifact.id)


def encode_hint(hint: Hint) -> str:
    """The owner of a url by its id, of a name by its place among the bearers."""
    return hint.id if hint.named_at is None else created_key(hint.named_at, hint.id)


def decode_hint(text: str) -> Hint:
    """The owner that `encode_hint` wrote."""
    at, _, id_ = text.rpartition("#")
    return Hint(id_, datetime.fromisoformat(at) if at else None)


def _decode(item: Item) -> Artifact:
    document = orjson.loads(item["artifact"]["S"])
    data = document["data"]
    return Artifact(
        id=item["artifact_id"]["S"],
        type=_TYPES[item["artifact_type"]["S"]],
        name=document["metadata"]["name"] or "",
        url=item["url"]["S"] if "url" in item else data["url"],
        download_url=data.get("download_url"),
        license=item["license"]["S"] if "license" in item else None,
        tags=tuple(tag["S"] for tag in item["tags"]["L"]) if "tags" in item else (),
        version=int(item["version"]["N"]) if "version" in item else 1,
        created_at=_time(item, "created_at"),
        updated_at=_time(item, "updated_at"),
        named_at=_named_at(item),
        rating=_rating(item["rating"]) if "rating" in item else None,
        references=_references(item),
    )


def _document(artifact: Artifact) -> str:
    data = {"url": artifact.url}
    if artifact.download_url is not None:
        data["download_url"] = artifact.download_url
    metadata = {"name": artifact.name, "id": artifact.id, "type": artifact.type.value}
    return orjson.dumps({"metadata": metadata, "data": data}).decode()


def _time(item: Item, name: str) -> datetime:
    return datetime.fromisoformat(item[name]["S"]) if name in item else UNKNOWN_TIME


def _named_at(item: Item) -> datetime:
    if "named_key" not in item:
        return UNKNOWN_TIME
    return datetime.fromisoformat(item["named_key"]["S"].partition("#")[0])


def _rating(value: Mapping[str, Any]) -> str | None:
    """JSON text, whether it was kept as text or as a map."""
    if "NULL" in value:
        return None
    return value["S"] if "S" in value else orjson.dumps(_plain(value)).decode()


def _plain(value: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON is any value
    """What an attribute holds, in JSON's types."""
    ((of, held),) = value.items()
    if of == "M":
        return {name: _plain(member) for name, member in held.items()}
    if of == "N":
        return float(Decimal(held))
    return None if of == "NULL" else held


def _encode_references(references: tuple[Reference, ...]) -> str:
    rows: list[list[str]] = []
    for r in references:
        row = [r.kind.value, r.by.value, r.value]
        rows.append([*row, encode_hint(r.hint)] if r.hint else row)
    return orjson.dumps(rows).decode()


def registered_references(item: Item) -> tuple[Reference, ...]:
    """The references that have their entries in the reverse index."""
    if not is_adopted(item) or "references" not in item:
        return ()
    return tuple(
        Reference(_KINDS[kind], _BYS[by], value, decode_hint(hinted[0]) if hinted else None)
        for kind, by, value, *hinted in orjson.loads(item["references"]["S"])
    )


def _references(item: Item) -> tuple[Reference, ...]:
    references = registered_references(item)
    if item["artifact_type"]["S"] != ArtifactType.MODEL.value:
        return references
    return caught_up(item, references)
