"""Writes items as the earlier backend did, and makes the table that it had."""

from typing import Any

import orjson

from storage.dynamodb.store import DynamoStore
from storage.records import ArtifactType


def put(store: DynamoStore, of: ArtifactType, id_: str, name: str, **more: Any) -> None:
    """Put an artifact, in place of what has its id."""
    url = more.pop("url", f"https://example.org/{of.value}/{id_}")
    document = {
        "metadata": {"name": name, "id": id_, "type": of.value},
        "data": {"url": url, "download_url": f"{url}.zip"},
    }
    texts = {
        "artifact_id": id_,
        "artifact_type": of.value,
        "artifact": orjson.dumps(document).decode(),
        "url": url,
        "name_normalized": name.strip().lower(),
    }
    item = {key: {"S": value} for key, value in texts.items()} | more
    store.client.boto.put_item(TableName=store.name, Item=item)


def bare_table(store: DynamoStore) -> None:
    """Put the earlier table, without any index, in place of the store's."""
    store.client.boto.delete_table(TableName=store.name)
    store.client.boto.create_table(
        TableName=store.name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "artifact_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "artifact_id", "KeyType": "HASH"}],
    )
