"""What writes depend on: that what they were planned with is still so."""

from collections.abc import Mapping
from typing import Any

from storage.dynamodb.items.codec import Item
from storage.dynamodb.legacy.legacy_items import ATTRIBUTES
from storage.dynamodb.schema.table import KEY


def unchanged(item: Item) -> dict[str, Any]:
    """The condition that an artifact's item is what was read.

    The earlier backend knows no version: of what it writes, all must be as it was.
    """
    return as_read(item, *ATTRIBUTES, "version")


def as_read(item: Item, *attributes: str) -> dict[str, Any]:
    """The condition that these attributes of an item, or all, are what was read."""
    names = attributes or sorted(item.keys() - {KEY})
    return only_if(
        " AND ".join(
            f"#{at} = :{at}" if name in item else f"attribute_not_exists(#{at})"
            for at, name in enumerate(names)
        ),
        {f":{at}": item[name] for at, name in enumerate(names) if name in item},
        {f"#{at}": name for at, name in enumerate(names)},
    )


def only_if(
    condition: str,
    values: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The parameters that make an action depend on a condition."""
    expression: dict[str, Any] = {"ConditionExpression": condition}
    if values:
        expression["ExpressionAttributeValues"] = values
    if names:
        expression["ExpressionAttributeNames"] = names
    return expression
