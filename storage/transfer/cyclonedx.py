"""Writes a model and everything upstream as a CycloneDX 1.6 bill of materials (ML-BOM).

The same artifacts make the same text. What the format has a place for and the registry does not
know is not invented, but listed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

import orjson

from storage.artifacts.records import (
    ArtifactType,
    LookupField,
    PartialArtifact,
    ReferenceKind,
    require_read,
)
from storage.transfer.cyclonedx_missing import list_missing
from storage.transfer.upstream import Link, Upstream

_SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"
_COMPONENT_TYPES = {
    ArtifactType.MODEL: "machine-learning-model",
    ArtifactType.DATASET: "data",
    ArtifactType.CODE: "library",  # which the specification recommends where it is unknown
}
_TASK_PROPERTY = "pipeline_tag"
"""The property with which imported model cards name the task of a model."""
_SIMPLE_LICENSE = re.compile(r"(?!LicenseRef-|DocumentRef-)[A-Za-z0-9.+-]+")
_NOT_IN_IRI = re.compile(
    r"[^A-Za-z0-9!#$%&'()*+,/:;=?@~._\xa0-\U0010ffff-]|%(?![0-9A-Fa-f]{2})"
)

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MlBom:
    """The text of a bill of materials, and what the format wants and the registry lacks."""

    text: str
    missing: tuple[str, ...]


def write_ml_bom(upstream: Upstream) -> MlBom:
    """Return the bill of materials of a model.

    Its serial number follows from its content. Its timestamp is the time of the last change of
    an artifact in it.
    """
    artifacts = [upstream.model, *sorted(upstream.artifacts, key=lambda each: each.id)]
    known = {artifact.id: artifact for artifact in artifacts}
    links: dict[str, list[Link]] = {id_: [] for id_ in known}
    for link in upstream.links:
        links[link.model.id].append(link)
    versions = find_versions(upstream.links)
    model, *components = (
        _Component(each, links[each.id], versions.get(each.id), known).to_fields()
        for each in artifacts
    )
    is_complete = upstream.is_complete and all(link.artifact for link in upstream.links)
    content = {
        "version": 1,
        "metadata": {
            "timestamp": _last_change(artifacts),
            "tools": {"components": [{"type": "application", "name": "artifact-registry"}]},
            "component": model,
        },
        "components": components,
        "dependencies": [
            {"ref": id_, "dependsOn": _list_dependencies(links[id_], known)} for id_ in known
        ],
        # Nobody knows whether a model states everything that it was built from.
        "compositions": [
            {"aggregate": "unknown" if is_complete else "incomplete", "dependencies": [*known]}
        ],
    }
    fields = {
        "$schema": _SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, orjson.dumps(content).decode())}",
        **content,
    }
    text = orjson.dumps(fields, option=orjson.OPT_INDENT_2).decode()
    return MlBom(text, tuple(list_missing(upstream, versions)))


def find_versions(links: Iterable[Link]) -> dict[str, str]:
    """Return the revision of each artifact that models used, if they all used the same."""
    revisions: dict[str, set[str]] = {}
    for link in links:
        if link.artifact and link.reference.revision is not None:
            revisions.setdefault(link.artifact.id, set()).add(link.reference.revision)
    return {id_: next(iter(each)) for id_, each in revisions.items() if len(each) == 1}


def to_iri(url: str) -> str:
    """Return a url in the form of RFC 3987, which the format asks for."""
    start, bracket, rest = url.partition("]") if "://[" in url else ("", "", url)
    before, hash_, fragment = rest.partition("#")
    encoded = before + hash_ + fragment.replace("#", "%23")
    return start + bracket + _NOT_IN_IRI.sub(lambda match: quote(match[0]), encoded)


@dataclass(frozen=True, slots=True)
class _Component:
    artifact: PartialArtifact
    links: Sequence[Link]
    version: str | None
    known: Mapping[str, PartialArtifact]

    def to_fields(self) -> Fields:
        artifact = self.artifact
        properties = dict(require_read(artifact.properties))
        fields = {
            "type": _COMPONENT_TYPES[artifact.type],
            "bom-ref": artifact.id,
            "name": artifact.name,
            "version": self.version,
            "description": require_read(artifact.description),
            "licenses": _to_licenses(artifact),
            "pedigree": self._to_pedigree(),
            "externalReferences": _to_external_references(artifact),
            "modelCard": self._to_model_card(properties.get(_TASK_PROPERTY)),
            "properties": [{"name": key, "value": text} for key, text in properties.items()],
            "tags": list(dict.fromkeys(require_read(artifact.tags))),
        }
        # The format requires a name; artifacts of the earlier backend may have an empty one.
        return {name: value for name, value in fields.items() if value or name == "name"}

    def _to_pedigree(self) -> Fields | None:
        """Return the base models, with what the model is to each."""
        links = [link for link in self.links if link.reference.kind is ReferenceKind.BASE_MODEL]
        found = {link.artifact.id: link for link in links if link.artifact}
        if not found:
            return None
        notes = [
            f"{link.reference.role.value.replace('_', ' ')}: {link.artifact.name}"
            for link in found.values()
            if link.reference.role and link.artifact
        ]
        ancestors = [_to_ancestor(link.artifact) for link in found.values() if link.artifact]
        return {"ancestors": ancestors} | ({"notes": "\n".join(notes)} if notes else {})

    def _to_model_card(self, task: str | None) -> Fields | None:
        if self.artifact.type is not ArtifactType.MODEL:
            return None
        datasets = [link for link in self.links if link.reference.kind is ReferenceKind.DATASET]
        parameters = {"task": task, "datasets": list(self._iterate_datasets(datasets))}
        return {"modelParameters": {name: value for name, value in parameters.items() if value}}

    def _iterate_datasets(self, links: Iterable[Link]) -> Iterator[Fields]:
        refs = {link.artifact.id for link in links if link.artifact}
        yield from ({"ref": id_} for id_ in sorted(refs & self.known.keys()))
        for link in links:
            reference = link.reference
            if link.artifact:
                continue
            if reference.lookup_field is LookupField.URL:
                yield {"type": "dataset", "contents": {"url": to_iri(reference.value)}}
            else:
                yield {"type": "dataset", "name": reference.value}


def _to_ancestor(artifact: PartialArtifact) -> Fields:
    """Return a base model in short: the list of components has all that is known of it."""
    return {
        "type": _COMPONENT_TYPES[artifact.type],
        "name": artifact.name,
        "externalReferences": [{"type": "website", "url": to_iri(artifact.url)}],
    }


def _to_licenses(artifact: PartialArtifact) -> list[Fields]:
    given, expression = require_read(artifact.license), artifact.license_id
    if expression is None:
        return [{"license": {"name": given}}] if given else []
    if _SIMPLE_LICENSE.fullmatch(expression):
        return [{"license": {"id": expression}}]
    return [{"expression": expression}]


def _to_external_references(artifact: PartialArtifact) -> list[Fields]:
    found = [{"type": "website", "url": to_iri(artifact.url)}]
    if artifact.download_url:
        found.append({"type": "distribution", "url": to_iri(artifact.download_url)})
    return found


def _list_dependencies(
    links: Iterable[Link], known: Mapping[str, PartialArtifact]
) -> list[str]:
    ids = {link.artifact.id for link in links if link.artifact}
    return sorted(ids & known.keys())


def _last_change(artifacts: Iterable[PartialArtifact]) -> str:
    last = max(require_read(artifact.updated_at) for artifact in artifacts)
    return last.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
