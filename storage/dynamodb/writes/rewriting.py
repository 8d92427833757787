"""Writes an artifact over its item as it was read, and leaves alone what others keep there."""

from collections.abc import Mapping
from typing import Any

from storage.artifacts.records import Artifact
from storage.dynamodb.items.codec import Item, decode, encode
from storage.dynamodb.legacy.legacy_items import still_said
from storage.dynamodb.schema.table import KEY
from storage.dynamodb.writes.conditions import unchanged

_OURS = frozenset({
    "artifact_type", "artifact", "url", "name_normalized", "rating", "license", "tags",
    "dataset_id", "dataset_name", "dataset_url", "code_id", "code_name", "code_url",
    "version", "created_at", "updated_at", "created_shard", "created_key", "name_key",
    "named_key", "bears", "references",
})  # fmt: skip
"""What `encode` decides; any other attribute of an item is kept as it is."""


def rewritten(item: Item, artifact: Artifact) -> dict[str, Any]:
    """The artifact's item in place of another.

    Attributes of other programs are kept, and those of the earlier backend where they still
    say what is so.
    """
    kept = {name: value for name, value in item.items() if name not in _OURS}
    if "rating" in item and decode(item).rating == artifact.rating:
        kept["rating"] = item["rating"]
    return {**encode(artifact), **kept, **still_said(item, artifact)}


def rewrite(item: Item, artifact: Artifact) -> Mapping[str, Any]:
    """The action that does so if the item is still what was read.

    It names just what changes: what other programs write meanwhile beside that stays.
    """
    right = rewritten(item, artifact)
    sets = {f"#s{at}": n for at, n in enumerate(right) if right[n] != item.get(n)}
    gone = {f"#g{at}": n for at, n in enumerate(item) if n not in right}
    action = unchanged(item)
    action["ExpressionAttributeNames"] |= sets | gone
    action["ExpressionAttributeValues"] |= {f":{at[1:]}": right[n] for at, n in sets.items()}
    set_to = ", ".join(f"{at} = :{at[1:]}" for at in sets)
    change = f"SET {set_to}" * bool(sets) + f" REMOVE {', '.join(gone)}" * bool(gone)
    return {"Update": {"Key": {KEY: item[KEY]}, "UpdateExpression": change, **action}}
