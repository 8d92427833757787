"""How artifacts are written as items and read from them, the earlier backend's included."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any, TypeAlias

import orjson

from storage.artifacts.names import normalise
from storage.artifacts.projection import DETAILS, FULL_PROJECTION, AnyArtifact, Projection
from storage.artifacts.records import (
    Artifact,
    ArtifactType,
    LookupField,
    Reference,
    ReferenceKind,
    ResolvedTarget,
    Target,
)
from storage.dynamodb.legacy.legacy_items import LINKS, caught_up, single_valued
from storage.dynamodb.schema.keys import created_shard, uniqueness_key
from storage.errors import UndecodableError
from storage.search.listing import created_key, name_key

Item = Mapping[str, Any]
"""Attributes as boto3's low-level client has them: name to {type: value}."""

UNKNOWN_TIME = datetime.fromtimestamp(0, UTC)
"""The earlier backend kept no times."""
_TYPES = {of.value: of for of in ArtifactType}
_KINDS = {kind.value: kind for kind in ReferenceKind}
_BYS = {by.value: by for by in LookupField}
"""Looking a member up takes a tenth of the time of calling its enum."""
_NOTHING: Item = {"NULL": True}
_Core: TypeAlias = tuple[str, ArtifactType, str, str, str | None, int, datetime]
_ALWAYS = ("artifact_id", "artifact_type", "artifact", "url", "version", "named_key")
_ATTRIBUTES: Mapping[str, Sequence[str]] = {
    **{detail: (detail,) for detail in DETAILS},
    "references": ("references", *LINKS),
}


def is_backfilled(item: Item) -> bool:
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
        "named_key": name_since(artifact),
        "bears": uniqueness_key(Target(artifact.type, LookupField.NAME, name))
        if name
        else None,
        "references": _encode_references(artifact.references) if artifact.references else None,
        **single_valued(artifact.references),
    }
    item: dict[str, Any] = {k: {"S": v} for k, v in texts.items() if v is not None}
    item["version"] = {"N": str(artifact.version)}
    if artifact.tags:
        item["tags"] = {"L": [{"S": tag} for tag in artifact.tags]}
    return item


def decode(item: Item) -> Artifact:
    """Return the artifact of an item with all details.

    Raises:
        UndecodableError: if no backend writes such an item.
    """
    return decode_projected(item, FULL_PROJECTION)


def decode_projected(item: Item, projection: Projection[AnyArtifact]) -> AnyArtifact:
    """Return the artifact of an item with the details of the projection.

    Raises:
        UndecodableError: where the item is none that any backend writes.
    """
    try:
        details = {detail: _READ[detail](item) for detail in projection.details}
        return projection.artifact_class(*_always(item), **details)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        key = item.get("artifact_id", {}).get("S", "without an id")
        raise UndecodableError(f"the item {key} is no artifact") from error


def attributes(projection: Projection[Any]) -> Sequence[str]:
    """What to read of an item for its artifact with these details; nothing else where all."""
    return () if projection.details == DETAILS else _attributes(projection.details)


@cache
def _attributes(details: frozenset[str]) -> Sequence[str]:
    return (*_ALWAYS, *(name for detail in sorted(details) for name in _ATTRIBUTES[detail]))


def name_since(artifact: Artifact) -> str:
    """The artifact's place among the bearers of its name."""
    return created_key(artifact.named_at, artifact.id)


def encode_resolved(resolved: ResolvedTarget) -> str:
    """The owner of a url by its id, of a name by its place among the bearers."""
    return (
        resolved.id
        if resolved.named_at is None
        else created_key(resolved.named_at, resolved.id)
    )


def decode_resolved(text: str) -> ResolvedTarget:
    """The owner that `encode_hint` wrote."""
    at, _, id_ = text.rpartition("#")
    return ResolvedTarget(id_, datetime.fromisoformat(at) if at else None)


def _always(item: Item) -> _Core:
    document = orjson.loads(item["artifact"]["S"])
    data = document["data"]
    return (
        item["artifact_id"]["S"],
        _TYPES[item["artifact_type"]["S"]],
        document["metadata"]["name"] or "",
        item["url"]["S"] if "url" in item else data["url"],
        data.get("download_url"),
        int(item["version"]["N"]) if "version" in item else 1,
        _named_at(item),
    )


def _document(artifact: Artifact) -> str:
    data = {"url": artifact.url}
    if artifact.download_url is not None:
        data["download_url"] = artifact.download_url
    metadata = {"name": artifact.name, "id": artifact.id, "type": artifact.type.value}
    return orjson.dumps({"metadata": metadata, "data": data}).decode()


def _time(item: Item, name: str) -> datetime:
    return datetime.fromisoformat(item[name]["S"]) if name in item else UNKNOWN_TIME


def _tags(item: Item) -> tuple[str, ...]:
    return tuple(tag["S"] for tag in item["tags"]["L"]) if "tags" in item else ()


def _license(item: Item) -> str | None:
    return item["license"]["S"] if "license" in item else None


def _named_at(item: Item) -> datetime:
    if "named_key" not in item:
        return UNKNOWN_TIME
    return datetime.fromisoformat(item["named_key"]["S"].partition("#")[0])


def _rating(item: Item) -> str | None:
    """JSON text, whether it was kept as text or as a map."""
    value = item.get("rating", _NOTHING)
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
        row = [r.kind.value, r.lookup_field.value, r.value]
        rows.append([*row, encode_resolved(r.resolved)] if r.resolved else row)
    return orjson.dumps(rows).decode()


def registered_references(item: Item) -> tuple[Reference, ...]:
    """The references that have their entries in the reverse index."""
    if not is_backfilled(item) or "references" not in item:
        return ()
    return tuple([_reference(*row) for row in orjson.loads(item["references"]["S"])])


def _reference(kind: str, by: str, value: str, resolved: str | None = None) -> Reference:
    return Reference(
        _KINDS[kind], _BYS[by], value, decode_resolved(resolved) if resolved else None
    )


def _references(item: Item) -> tuple[Reference, ...]:
    if _TYPES[item["artifact_type"]["S"]] is not ArtifactType.MODEL:
        return ()
    return caught_up(item, registered_references(item))


_READ: Mapping[str, Callable[[Item], Any]] = {
    "license": _license,
    "tags": _tags,
    "created_at": partial(_time, name="created_at"),
    "updated_at": partial(_time, name="updated_at"),
    "references": _references,
    "rating": _rating,
}
