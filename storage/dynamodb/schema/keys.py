"""The keys of side items and of indexes.

Ids of artifacts contain no `#`, so the key of a side item is never the id of an artifact.
"""

from hashlib import sha256

from storage.artifacts.names import normalise
from storage.artifacts.records import LookupField, PartialArtifact, Target

CHANGE_PREFIX = "change#"
DELETED_PREFIX = "deleted#"
LOG_PREFIX = "log#"
REFERENCE_PREFIX = "reference#"
NAME_PREFIXES = "name#", "name-sha256#"
UNIQUENESS_PREFIXES = "url#", "url-sha256#", *NAME_PREFIXES
"""The beginnings of the keys of side items, by which they are told apart."""
SCHEMA_KEY = "meta#schema"
"""The key of the schema item."""
_READABLE_BYTES = 1_900
"""A partition key has at most 2,048 bytes; longer ones are hashed."""
_SEGMENT_PARTS = 3
_BLANK_NAME_PARTS = 2


def uniqueness_key(target: Target) -> str:
    """Return the key of the uniqueness item of a url or of a normalised name."""
    return _bounded(target.lookup_field.value, target.type.value, text=target.value)


def url_key(artifact: PartialArtifact) -> str:
    """Return the key of the uniqueness item of the artifact's url."""
    return uniqueness_key(Target(artifact.type, LookupField.URL, artifact.url))


def name_item_key(artifact: PartialArtifact) -> str | None:
    """Return the key of the uniqueness item of the artifact's name; None if it is blank."""
    name = normalise(artifact.name)
    return uniqueness_key(Target(artifact.type, LookupField.NAME, name)) if name else None


def bearing_key(artifact: PartialArtifact) -> str:
    """Return the key of the artifacts of its name in `by_bearing`, which has all artifacts."""
    name = normalise(artifact.name)
    return uniqueness_key(Target(artifact.type, LookupField.NAME, name))


def name_item_key_of(bears: str) -> str | None:
    """Return the key of the name's uniqueness item, given a key in `by_bearing`.

    Names that are blank, which many artifacts may have, have none.
    """
    is_blank = bears.count("#") == _BLANK_NAME_PARTS and bears.endswith("#")
    return bears if bears.startswith(NAME_PREFIXES) and not is_blank else None


def reference_key(target: Target) -> str:
    """Return the key in `by_reference` that all models with this target share."""
    return _bounded("to", target.type.value, target.lookup_field.value, text=target.value)


def reference_id(model_id: str, target: Target) -> str:
    """Return the key of the reference item from a target to a model."""
    digest = sha256(reference_key(target).encode()).hexdigest()
    return f"{REFERENCE_PREFIX}{model_id}#{digest}"


def change_key(id: str, version: int) -> str:  # noqa: A002 - the registry's own word
    """Return the key of the change that made a version of an artifact."""
    return f"{CHANGE_PREFIX}{id}#{version}"


def deleted_key(id: str) -> str:  # noqa: A002 - the registry's own word
    """Return the key under which a deleted artifact is kept."""
    return f"{DELETED_PREFIX}{id}"


def segment_key(log_epoch: int, shard: int, number: int) -> str:
    """Return the key of a segment of the log; numbers begin at 1."""
    return f"{LOG_PREFIX}{log_epoch}#{shard}#{number}"


def head_pointer_key(log_epoch: int, shard: int) -> str:
    """Return the key of the item that says near which number a shard's newest segment is."""
    return f"{LOG_PREFIX}{log_epoch}#{shard}#head"


def parse_segment_key(key: str) -> tuple[int, int, int] | None:
    """Return the log epoch, shard and number in a segment's key; None if it is none."""
    parts = key.removeprefix(LOG_PREFIX).split("#")
    if key.startswith(LOG_PREFIX) and len(parts) == _SEGMENT_PARTS:
        numbers = [int(part) for part in parts if part.isascii() and part.isdecimal()]
        if len(numbers) == _SEGMENT_PARTS:
            return numbers[0], numbers[1], numbers[2]
    return None


def _bounded(prefix: str, *scope: str, text: str) -> str:
    """Return a key for a text; a long one is hashed, under a prefix that no other has."""
    key = "#".join((prefix, *scope, text))
    if len(key.encode()) <= _READABLE_BYTES:
        return key
    return "#".join((f"{prefix}-sha256", *scope, sha256(text.encode()).hexdigest()))
