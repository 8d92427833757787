"""The attributes that scripts of the earlier backend read: one dataset and one code of a model.

They follow from a model's references. What a migrated item says in them stays as it is while
it is still true, for that backend also noted the id and url that it found for a name.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from storage.artifacts.records import Artifact, LookupField, Reference, ReferenceKind
from storage.dynamodb.schema.attributes import Item

LINKS: dict[ReferenceKind, dict[LookupField, str]] = {
    kind: {
        by: f"{prefix}_{by.value}" for by in (LookupField.NAME, LookupField.ID, LookupField.URL)
    }
    for prefix, kind in {"dataset": ReferenceKind.DATASET, "code": ReferenceKind.CODE}.items()
}
"""The attributes of a model's first dataset and first code, in their order of precedence."""


def link_attributes(references: tuple[Reference, ...]) -> dict[str, str]:
    """Return the link attributes of a model with these references."""
    texts: dict[str, str] = {}
    for kind, attributes in LINKS.items():
        if first := first_of_kind(references, kind):
            if first.resolved:
                texts[attributes[LookupField.ID]] = first.resolved.id
            texts[attributes[first.lookup_field]] = first.value
    return texts


def still_valid_attributes(item: Item, artifact: Artifact) -> dict[str, Any]:
    """Return the attributes of an item that say the same as the artifact, in another form."""
    valid: dict[str, Any] = {}
    if "artifact" in item and _is_document_of(item["artifact"], artifact):
        valid["artifact"] = item["artifact"]
    for kind, attributes in LINKS.items():
        first = first_of_kind(artifact.references, kind)
        linked_id = item.get(attributes[LookupField.ID], {}).get("S")
        resolved = first.resolved if first else None
        is_stale = resolved is not None and resolved.id != linked_id
        if not is_stale and links_to(item, attributes, first):
            valid |= {name: item[name] for name in attributes.values() if name in item}
    return valid


def first_of_kind(references: tuple[Reference, ...], kind: ReferenceKind) -> Reference | None:
    """Return the first reference of a kind."""
    for reference in references:
        if reference.kind is kind:
            return reference
    return None


def read_link(
    item: Item, attributes: Mapping[LookupField, str]
) -> tuple[LookupField, str] | None:
    """Return how an item links, and to what: by name, else by id, else by url."""
    for by, attribute in attributes.items():
        if attribute in item and (text := item[attribute].get("S")):
            return by, text
    return None


def links_to(
    item: Item, attributes: Mapping[LookupField, str], first: Reference | None
) -> bool:
    """Return whether an item's attributes link to what its first reference asks for."""
    link = read_link(item, attributes)
    if first is None or not first.value:
        return link is None
    if link == (first.lookup_field, first.value):
        return True
    # The id that a url resolved to stands beside it.
    return (
        first.lookup_field is LookupField.URL
        and first.resolved is not None
        and link == (LookupField.ID, first.resolved.id)
        and item.get(attributes[LookupField.URL]) == {"S": first.value}
    )


def _is_document_of(value: Mapping[str, Any], artifact: Artifact) -> bool:
    document = orjson.loads(value["S"])
    metadata, data = document["metadata"], document["data"]
    return (
        metadata.get("id") == artifact.id
        and metadata.get("type") == artifact.type.value
        and (metadata.get("name") or "") == artifact.name
        and data.get("url") == artifact.url
        and data.get("download_url") == artifact.download_url
    )
