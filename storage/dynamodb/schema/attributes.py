"""The one declaration of the table's items: their attributes, types, readers and indexes.

The codec, the projections, the table's definition, the migration and the template's test all
read it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, Literal

from storage.artifacts.projection import DETAILS, Projection

Item = Mapping[str, Any]
"""An item in DynamoDB's JSON: attribute name to `{type: value}`."""

KEY = "artifact_id"
"""The partition key of the table. It has no sort key."""
BY_BEARING = "by_bearing"
BY_REFERENCE = "by_reference"


class Read(Enum):
    """The reads that need an attribute, unless a single field of a projection does."""

    ALWAYS = "always"
    WITH_ITEM = "with the whole item"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of an item."""

    name: str
    type: Literal["S", "N", "L", "M"] = "S"
    read: Read | str = Read.WITH_ITEM
    """A string is the field of a projection for which the attribute is read."""
    is_legacy: bool = False
    """The earlier backend writes it, too."""


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index; it holds the items that have both of its keys."""

    partition_key: str
    sort_key: str
    projection: Literal["ALL", "KEYS_ONLY"] = "KEYS_ONLY"


_ARTIFACT = (
    Attribute(KEY, read=Read.ALWAYS, is_legacy=True),
    Attribute("artifact_type", read=Read.ALWAYS, is_legacy=True),
    Attribute("artifact", read=Read.ALWAYS, is_legacy=True),
    Attribute("url", read=Read.ALWAYS, is_legacy=True),
    Attribute("version", "N", read=Read.ALWAYS),
    Attribute("named_key", read=Read.ALWAYS),
    Attribute("created_at", read="created_at"),
    Attribute("updated_at", read="updated_at"),
    Attribute("license", read="license"),
    Attribute("tags", "L", read="tags"),
    Attribute("references", read="references"),
    # Text; items that were migrated may hold a map instead.
    Attribute("rating", read="rating", is_legacy=True),
    Attribute("rated_at", read="rating"),
    Attribute("rated_by", read="rating"),
    Attribute("description", read="description"),
    Attribute("properties", read="properties"),
    Attribute("created_by", read="created_by"),
    Attribute("updated_by", read="updated_by"),
    # Missing in items from before histories were kept: then it is the version.
    Attribute("content_version", "N", read="content_version"),
    # Keys of indexes.
    Attribute("bears"),
    # Kept for scripts that were written for the earlier backend.
    Attribute("name_normalized", is_legacy=True),
    Attribute("dataset_id", is_legacy=True),
    Attribute("dataset_name", is_legacy=True),
    Attribute("dataset_url", is_legacy=True),
    Attribute("code_id", is_legacy=True),
    Attribute("code_name", is_legacy=True),
    Attribute("code_url", is_legacy=True),
)
ARTIFACT: Mapping[str, Attribute] = {each.name: each for each in _ARTIFACT}
"""An artifact. Attributes of other programs may stand beside these, and are kept."""


def _by_name(*attributes: Attribute) -> Mapping[str, Attribute]:
    return {attribute.name: attribute for attribute in attributes}


_EXPIRES_AT = Attribute("expires_at", "N")
"""The time from which DynamoDB may delete the item, in Unix seconds."""
UNIQUENESS = _by_name(
    Attribute(KEY),
    # Missing in the item of a name that is vacant.
    Attribute("owner"),
    # Of names alone: the latest time at which an artifact took the name.
    Attribute("last_since"),
)
"""The owner of a url or of a name."""
REFERENCE = _by_name(Attribute(KEY), Attribute("reference"), Attribute("model_id"))
"""The reverse link from one target to one model that refers to it."""
CHANGE = _by_name(
    Attribute(KEY),
    Attribute("artifact_type"),
    Attribute("name"),
    Attribute("version", "N"),
    Attribute("kind"),
    Attribute("at"),
    Attribute("by"),
    Attribute("request_id"),
    Attribute("fields"),
    _EXPIRES_AT,
)
"""One change of an artifact; its id and version are in the key."""
DELETED = _by_name(
    Attribute(KEY),
    Attribute("version", "N"),
    Attribute("at"),
    # The artifact's item; missing if it could not be decoded.
    Attribute("content", "M"),
    _EXPIRES_AT,
)
"""A deleted artifact, with the version and time of its deletion."""
LOG = _by_name(
    Attribute(KEY),
    Attribute("entries", "L"),
    # Of a shard's pointer alone: the number of a segment that is not far from the newest.
    Attribute("head", "N"),
    _EXPIRES_AT,
)
"""A segment of the log of changes, or a pointer to one."""
SCHEMA = _by_name(
    Attribute(KEY),
    Attribute("format", "N"),
    Attribute("min_reader", "N"),
    Attribute("min_writer", "N"),
    # Of a migration that is under way: who runs it, and until when (Unix seconds).
    Attribute("lease_holder"),
    Attribute("lease_until", "N"),
    # Raised by each reset; cursors of another epoch have expired.
    Attribute("epoch", "N"),
    # The epoch in which the segments of the log were begun, and the number of its shards.
    Attribute("log_epoch", "N"),
    Attribute("shards", "N"),
    # How long changes and deleted artifacts are kept, in seconds; missing: for ever.
    Attribute("retention", "N"),
)
"""The format of the table, and what is true of all of it."""

INDEXES: Mapping[str, Index] = {
    BY_BEARING: Index("bears", "named_key"),
    BY_REFERENCE: Index("reference", "model_id"),
}
"""They only propose keys: the items decide."""

OBSOLETE_INDEXES: Mapping[str, Index] = {
    "by_name": Index("artifact_type", "name_key", "ALL"),
    "by_creation": Index("created_shard", "created_key"),
}
"""The indexes of formats up to 3; a migration removes them."""
OBSOLETE_ATTRIBUTES = "name_key", "created_shard", "created_key"
"""Their keys, which an artifact's item may have until its next write."""

LEGACY = tuple(each.name for each in _ARTIFACT if each.is_legacy and each.name != KEY)
"""The attributes that the earlier backend writes, without the key."""


def index_keys() -> list[str]:
    """Return the names of all key attributes, in alphabetical order."""
    keys = {KEY}
    for index in INDEXES.values():
        keys |= {index.partition_key, index.sort_key}
    return sorted(keys)


def attributes_to_read(projection: Projection[Any]) -> Sequence[str]:
    """Return the names of the attributes that a projection needs; none stands for all."""
    return () if projection.details == DETAILS else _attributes_to_read(projection.details)


@cache
def _attributes_to_read(details: frozenset[str]) -> Sequence[str]:
    return tuple(
        each.name for each in _ARTIFACT if each.read is Read.ALWAYS or each.read in details
    )


def to_item(values: Mapping[str, Any], attributes: Mapping[str, Attribute] = ARTIFACT) -> Item:
    """Return the item that holds these values, without those that are None.

    Values are in DynamoDB's JSON for their type: text for S and N, a list for L.
    """
    return {
        name: {attributes[name].type: value}
        for name, value in values.items()
        if value is not None
    }
