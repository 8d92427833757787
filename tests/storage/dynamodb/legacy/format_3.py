"""Makes tables as the release before the search index left them, in format 3."""

from typing import Any

from storage.artifacts.records import Artifact
from storage.dynamodb.schema.table import definition
from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.formats.schema_items import FORMAT_3, set_schema
from tests.storage.dynamodb.legacy.legacy_backend import Item
from tests.storage.dynamodb.legacy.legacy_table import read_items
from tests.storage.tables import delete_table

OLD_INDEXES = {
    "by_name": ("artifact_type", "name_key", "ALL"),
    "by_creation": ("created_shard", "created_key", "KEYS_ONLY"),
}
OLD_ATTRIBUTES = "name_key", "created_shard", "created_key"


def create_format_3_table(store: DynamoStore) -> None:
    """Replace the store's table by an empty one of format 3."""
    control, parameters = store.client.control, dict[str, Any](definition(store.name))
    names = {name for *keys, _ in OLD_INDEXES.values() for name in keys}
    parameters["AttributeDefinitions"] += [
        {"AttributeName": name, "AttributeType": "S"} for name in sorted(names)
    ]
    parameters["GlobalSecondaryIndexes"] += [
        old_index(name, projection) for name, (*_, projection) in OLD_INDEXES.items()
    ]
    delete_table(control, store.name)
    control.create_table(**parameters)
    control.get_waiter("table_exists").wait(TableName=store.name)
    set_schema(store, **FORMAT_3)


def old_index(name: str, projection: str) -> Any:
    """Return the definition of an index through which that release listed artifacts."""
    partition_key, sort_key, _ = OLD_INDEXES[name]
    return {
        "IndexName": name,
        "KeySchema": [
            {"AttributeName": partition_key, "KeyType": "HASH"},
            {"AttributeName": sort_key, "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": projection},
    }


def add_old_attributes(store: DynamoStore, artifact: Artifact) -> Item:
    """Give an artifact's item what that release wrote beside today's attributes."""
    item = read_items(store)[artifact.id]
    old = {name: {"S": f"{name} of {artifact.id}"} for name in OLD_ATTRIBUTES}
    store.client.control.put_item(TableName=store.name, Item={**item, **old})
    return {**item, **old}


def index_names(store: DynamoStore) -> list[str]:
    """Return the names of the table's indexes."""
    return sorted(index_states(store))


def index_states(store: DynamoStore) -> dict[str, str]:
    """Return the state of each of the table's indexes by its name."""
    table = store.client.control.describe_table(TableName=store.name)["Table"]
    return {
        index["IndexName"]: index["IndexStatus"] for index in table["GlobalSecondaryIndexes"]
    }
