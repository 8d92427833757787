"""Lists what a bill of materials should contain and the registry does not know."""

from collections.abc import Iterator, Mapping

from storage.artifacts.records import ArtifactType, PartialArtifact, Reference, require_read
from storage.transfer.upstream import Upstream

NEVER_KNOWN = (
    "hashes, suppliers, authors and copyright of the components",
    (
        "model cards: learning approach, architecture, inputs, outputs, performance metrics"
        " and considerations"
    ),
)
"""What the format has a place for and the registry never records."""
_INCOMPLETE = (
    "artifacts upstream: the walk ended at its limits, or at an artifact that cannot be read"
)


def list_missing(upstream: Upstream, versions: Mapping[str, str]) -> Iterator[str]:
    """Yield what is missing: of the whole, of the references, of each artifact."""
    if not upstream.is_complete:
        yield _INCOMPLETE
    yield from dict.fromkeys(
        f"{_name(link.model)}: {_describe(link.reference)} is not registered"
        for link in upstream.links
        if link.artifact is None
    )
    for artifact in (upstream.model, *sorted(upstream.artifacts, key=lambda each: each.id)):
        yield from _list_fields(artifact, is_versioned=artifact.id in versions)
    yield from NEVER_KNOWN


def _list_fields(artifact: PartialArtifact, *, is_versioned: bool) -> Iterator[str]:
    if not is_versioned:
        yield f"{_name(artifact)}: version"
    if not require_read(artifact.license):
        yield f"{_name(artifact)}: license"
    elif artifact.license_id is None:
        yield f"{_name(artifact)}: SPDX identifier of the license {artifact.license}"
    if artifact.download_url is None:
        yield f"{_name(artifact)}: distribution"
    is_model = artifact.type is ArtifactType.MODEL
    if is_model and "pipeline_tag" not in dict(require_read(artifact.properties)):
        yield f"{_name(artifact)}: task"


def _name(artifact: PartialArtifact) -> str:
    return f"{artifact.type.value} {artifact.name}"


def _describe(reference: Reference) -> str:
    kind = reference.kind.value.replace("_", " ")
    return f"{kind} with the {reference.lookup_field.value} {reference.value}"
