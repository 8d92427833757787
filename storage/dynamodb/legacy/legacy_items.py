"""What the earlier backend's attributes say, which it goes on writing beside ours.

It keeps one dataset and one code of a model, and knows neither our references nor our version.
Where its attributes no longer say what our references say, it has written them since: they
win, for they are what was written last.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from storage.artifacts.records import Artifact, LookupField, Reference, ReferenceKind

ATTRIBUTES = (
    "artifact_type", "artifact", "url", "name_normalized", "rating",
    "dataset_id", "dataset_name", "dataset_url", "code_id", "code_name", "code_url",
)  # fmt: skip
"""All that the earlier backend writes, its key apart."""
_LINKS: dict[ReferenceKind, dict[LookupField, str]] = {
    kind: {
        by: f"{prefix}_{by.value}" for by in (LookupField.NAME, LookupField.ID, LookupField.URL)
    }
    for prefix, kind in {"dataset": ReferenceKind.DATASET, "code": ReferenceKind.CODE}.items()
}
"""The attributes of the one dataset and the one code: of several, the first is meant."""
LINKS = tuple(attribute for of in _LINKS.values() for attribute in of.values())
_KINDS = list(ReferenceKind)


def single_valued(references: tuple[Reference, ...]) -> dict[str, str]:
    """What the attributes say where we write them: the first reference of each kind."""
    texts: dict[str, str] = {}
    for kind, attributes in _LINKS.items():
        if first := _first(references, kind):
            if first.resolved:
                texts[attributes[LookupField.ID]] = first.resolved.id
            texts[attributes[first.lookup_field]] = first.value
    return texts


def caught_up(
    item: Mapping[str, Any], references: tuple[Reference, ...]
) -> tuple[Reference, ...]:
    """A model's references with what the earlier backend has linked or unlinked since."""
    for kind, attributes in _LINKS.items():
        first = _first(references, kind)
        if not _is_said(item, attributes, first):
            others = [reference for reference in references if reference is not first]
            if told := _told(item, attributes):
                said = Reference(kind, *told)
                others = [said, *(other for other in others if other.target != said.target)]
            references = tuple(sorted(others, key=lambda other: _KINDS.index(other.kind)))
    return references


def still_said(item: Mapping[str, Any], artifact: Artifact) -> dict[str, Any]:
    """The attributes that say what the artifact is in the earlier backend's own form.

    They can stay: it has links to the ids and urls that it found for a name, and ratings as
    maps.
    """
    said: dict[str, Any] = {}
    if "artifact" in item and _is_document(item["artifact"], artifact):
        said["artifact"] = item["artifact"]
    for kind, attributes in _LINKS.items():
        first = _first(artifact.references, kind)
        linked = item.get(attributes[LookupField.ID], {}).get("S")
        stale = first is not None and first.resolved is not None and first.resolved.id != linked
        if not stale and _is_said(item, attributes, first):
            said |= {name: item[name] for name in attributes.values() if name in item}
    return said


def _first(references: tuple[Reference, ...], kind: ReferenceKind) -> Reference | None:
    for reference in references:
        if reference.kind is kind:
            return reference
    return None


def _told(
    item: Mapping[str, Any], attributes: Mapping[LookupField, str]
) -> tuple[LookupField, str] | None:
    """By what the attributes link, and to what: a name comes before an id before a url."""
    for by, attribute in attributes.items():
        if attribute in item and (text := item[attribute].get("S")):
            return by, text
    return None


def _is_said(
    item: Mapping[str, Any], attributes: Mapping[LookupField, str], first: Reference | None
) -> bool:
    told = _told(item, attributes)
    if first is None or not first.value:
        return told is None
    if told == (first.lookup_field, first.value):
        return True
    # The id that a url resolved to stands beside it.
    return (
        first.lookup_field is LookupField.URL
        and first.resolved is not None
        and told == (LookupField.ID, first.resolved.id)
        and item.get(attributes[LookupField.URL]) == {"S": first.value}
    )


def _is_document(value: Mapping[str, Any], artifact: Artifact) -> bool:
    document = orjson.loads(value["S"])
    metadata, data = document["metadata"], document["data"]
    return (
        metadata.get("id") == artifact.id
        and metadata.get("type") == artifact.type.value
        and (metadata.get("name") or "") == artifact.name
        and data.get("url") == artifact.url
        and data.get("download_url") == artifact.download_url
    )
