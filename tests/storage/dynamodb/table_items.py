"""Reads and damages the items of a table, as a console or another program does."""

from datetime import datetime
from typing import Any

from storage.dynamodb.store import DynamoStore

Item = dict[str, Any]
SCHEMA = "meta#schema"


def all_items(store: DynamoStore) -> dict[str, Item]:
    """All items by their keys."""
    pages = store.client.control.get_paginator("scan").paginate(
        TableName=store.name, ConsistentRead=True
    )
    items: list[Any] = [item for page in pages for item in page["Items"]]
    return {item["artifact_id"]["S"]: item for item in items}


def item(store: DynamoStore, key: str) -> Item:
    return dict(store.client.get_items([key])[key])


def put_item(store: DynamoStore, key: str, **attributes: Any) -> None:
    whole = {"artifact_id": {"S": key}, **attributes}
    store.client.control.put_item(TableName=store.name, Item=whole)


def set_attributes(store: DynamoStore, key: str, **attributes: Any) -> None:
    """Set attributes of an item; None removes one."""
    right = {**item(store, key), **attributes}
    put_item(store, key, **{n: v for n, v in right.items() if v is not None})


def delete_item(store: DynamoStore, key: str) -> None:
    store.client.control.delete_item(TableName=store.name, Key={"artifact_id": {"S": key}})


def delete_expired(store: DynamoStore, now: datetime) -> list[str]:
    """Delete the expired items, as DynamoDB does some time after they expired."""
    expired = [
        key
        for key, each in all_items(store).items()
        if "expires_at" in each and int(each["expires_at"]["N"]) <= now.timestamp()
    ]
    for key in expired:
        delete_item(store, key)
    return expired
