"""Writes and deletes the schema item of a table, as other versions would."""

from typing import Any

from storage.dynamodb.store import DynamoStore

KEY = {"artifact_id": {"S": "meta#schema"}}
LOG = {"epoch": {"N": "1"}, "log_epoch": {"N": "1"}, "shards": {"N": "8"}}
FORMATS = "format", "min_reader", "min_writer"
FORMAT_3 = {**{name: {"N": "3"} for name in FORMATS}, **LOG}
"""The schema item of a release that listed through indexes of the table."""
CURRENT = {**{name: {"N": "4"} for name in FORMATS}, **LOG}


def set_schema(store: DynamoStore, **attributes: Any) -> None:
    """Write a schema item of the current format; `attributes` replace or add to its own."""
    item = {**KEY, **CURRENT, **attributes}
    store.client.control.put_item(TableName=store.name, Item=item)


def delete_schema(store: DynamoStore) -> None:
    """Delete the schema item."""
    store.client.control.delete_item(TableName=store.name, Key=KEY)


def empty_table(store: DynamoStore) -> None:
    """Delete all items."""
    keys = [item["artifact_id"] for item in store.client.scan(ConsistentRead=True)]
    for key in keys:
        store.client.control.delete_item(TableName=store.name, Key={"artifact_id": key})
