"""The ids of the items that are no artifacts, and the keys of the indexes.

Ids of artifacts hold no `#`, so that neither can ever be taken for the other.
"""

from hashlib import sha256
from zlib import crc32

from storage.artifacts.records import Artifact, ArtifactType, LookupField, Target

CREATED_SHARDS = 4
"""Creation times rise, so DynamoDB cannot split their partition: it is split here."""
_READABLE_BYTES = 1_900
"""Partition keys hold 2,048 bytes; longer text is hashed, under a prefix of its own."""


def uniqueness_key(target: Target) -> str:
    """The id of the item that says who owns a url, or a normalised name."""
    return _bounded(target.lookup_field.value, target.type.value, target.value)


def url_key(artifact: Artifact) -> str:
    """The id of the item that says who owns the artifact's url."""
    return uniqueness_key(Target(artifact.type, LookupField.URL, artifact.url))


def reference_key(target: Target) -> str:
    """The reverse index's key: all models that look for this target share it."""
    return _bounded("to", target.type.value, target.lookup_field.value, target.value)


def reference_id(model_id: str, target: Target) -> str:
    """The id of a model's entry in the reverse index."""
    digest = sha256(reference_key(target).encode()).hexdigest()
    return f"reference#{model_id}#{digest}"


def created_shard(of: ArtifactType, id: str) -> str:  # noqa: A002 - the registry's own word
    """The shard of the order of creation that an artifact is in."""
    return f"{of.value}#{crc32(id.encode()) % CREATED_SHARDS}"


def created_shards(of: ArtifactType) -> list[str]:
    """All shards of a type's order of creation."""
    return [f"{of.value}#{shard}" for shard in range(CREATED_SHARDS)]


def _bounded(*parts: str) -> str:
    text = "#".join(parts)
    if len(text.encode()) <= _READABLE_BYTES:
        return text
    return f"{'#'.join(parts[:-1])}##{sha256(parts[-1].encode()).hexdigest()}"
