"""The keys of side items and of indexes.

Ids of artifacts contain no `#`, so the key of a side item is never the id of an artifact.
"""

from hashlib import sha256
from zlib import crc32

from storage.artifacts.records import Artifact, ArtifactType, LookupField, Target

CREATED_SHARDS = 4
"""Creation times only increase, so DynamoDB cannot split their partition: it is split here."""
_READABLE_BYTES = 1_900
"""A partition key has at most 2,048 bytes; longer text is hashed, under a prefix of its own."""


def uniqueness_key(target: Target) -> str:
    """Return the key of the uniqueness item of a url or of a normalised name."""
    return _bounded(target.lookup_field.value, target.type.value, target.value)


def url_key(artifact: Artifact) -> str:
    """Return the key of the uniqueness item of the artifact's url."""
    return uniqueness_key(Target(artifact.type, LookupField.URL, artifact.url))


def reference_key(target: Target) -> str:
    """Return the key in `by_reference` that all models with this target share."""
    return _bounded("to", target.type.value, target.lookup_field.value, target.value)


def reference_id(model_id: str, target: Target) -> str:
    """Return the key of the reference item from a target to a model."""
    digest = sha256(reference_key(target).encode()).hexdigest()
    return f"reference#{model_id}#{digest}"


def created_shard(artifact_type: ArtifactType, id: str) -> str:  # noqa: A002 - the registry's own word
    """Return the shard of the order of creation that an artifact is in."""
    return f"{artifact_type.value}#{crc32(id.encode()) % CREATED_SHARDS}"


def created_shards(artifact_type: ArtifactType) -> list[str]:
    """Return all shards of a type's order of creation."""
    return [f"{artifact_type.value}#{shard}" for shard in range(CREATED_SHARDS)]


def _bounded(*parts: str) -> str:
    text = "#".join(parts)
    if len(text.encode()) <= _READABLE_BYTES:
        return text
    return f"{'#'.join(parts[:-1])}##{sha256(parts[-1].encode()).hexdigest()}"
