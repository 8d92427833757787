"""Conditional changes of single items, as actions of TransactWriteItems."""

from collections.abc import Mapping
from typing import Any

from storage.artifacts.records import Artifact
from storage.dynamodb.items.codec import encode, rating_text
from storage.dynamodb.items.legacy_attributes import still_valid_attributes
from storage.dynamodb.schema.attributes import ARTIFACT, KEY, OBSOLETE_ATTRIBUTES, Item

Action = Mapping[str, Any]
"""One of the actions of TransactWriteItems, without the table's name."""
Condition = dict[str, Any]
"""The parameters of an action that hold its condition."""
_OWN = {*ARTIFACT, *OBSOLETE_ATTRIBUTES}


def only_if(
    expression: str,
    values: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
) -> Condition:
    """Return the parameters for a condition expression."""
    condition: Condition = {"ConditionExpression": expression}
    if values:
        condition["ExpressionAttributeValues"] = values
    if names:
        condition["ExpressionAttributeNames"] = names
    return condition


def only_if_absent() -> Condition:
    """Return the condition that there is no item with the action's key."""
    return only_if(f"attribute_not_exists({KEY})")


def only_if_equal(item: Item, *attributes: str) -> Condition:
    """Return the condition that these attributes, or all, still are what was read."""
    names = attributes or sorted(item.keys() - {KEY})
    return only_if(
        " AND ".join(
            f"#{at} = :{at}" if name in item else f"attribute_not_exists(#{at})"
            for at, name in enumerate(names)
        ),
        {f":{at}": item[name] for at, name in enumerate(names) if name in item},
        {f"#{at}": name for at, name in enumerate(names)},
    )


def only_if_unchanged(item: Item) -> Condition:
    """Return the condition that nobody has written the artifact since its item was read.

    Every write raises the version. An artifact that was deleted and imported again may have
    its old version, but not its old time, unless nothing of it changed.
    """
    return only_if_equal(item, "version", "updated_at")


def to_updated_item(item: Item, artifact: Artifact) -> dict[str, Any]:
    """Return the artifact's item in place of another one.

    Attributes of other programs are kept, and so are those of the earlier backend where they
    still are true.
    """
    kept = {name: value for name, value in item.items() if name not in _OWN}
    rating = artifact.rating.text if artifact.rating else None
    if "rating" in item and rating_text(item) == rating:
        kept["rating"] = item["rating"]
    return {**encode(artifact), **kept, **still_valid_attributes(item, artifact)}


def update_item(item: Item, artifact: Artifact, condition: Condition) -> Action:
    """Return the action that changes an item into the artifact's, under a condition.

    It sets just what differs: what other programs write beside that meanwhile is kept.
    """
    right = to_updated_item(item, artifact)
    sets = {f"#s{at}": n for at, n in enumerate(right) if right[n] != item.get(n)}
    removed = {f"#r{at}": n for at, n in enumerate(item) if n not in right}
    values = {f":{at[1:]}": right[n] for at, n in sets.items()}
    assignments = ", ".join(f"{at} = :{at[1:]}" for at in sets)
    expression = f"SET {assignments}" * bool(sets) + f" REMOVE {', '.join(removed)}" * bool(
        removed
    )
    return {
        "Update": {
            "Key": {KEY: item[KEY]},
            "UpdateExpression": expression,
            **condition,
            "ExpressionAttributeNames": condition["ExpressionAttributeNames"] | sets | removed,
            "ExpressionAttributeValues": condition["ExpressionAttributeValues"] | values,
        }
    }
