"""Items keep the attributes that other programs read or write."""

import orjson

from storage.dynamodb.store import DynamoStore
from tests.storage.samples import (
    CODE,
    DATASET,
    MODEL,
    by_name,
    by_url,
    new_artifact,
    scores,
    squad,
)
from tests.storage.store_calls import register_one, update

URL = "https://example.org/model/bert"


def test_items_have_the_attributes_of_the_earlier_backend(dynamo: DynamoStore) -> None:
    target = register_one(dynamo, squad())
    model = register_one(
        dynamo,
        new_artifact(
            MODEL,
            " BERT ",
            by_name(DATASET, "SQuAD"),
            by_name(DATASET, "glue"),
            by_url(CODE, "https://example.org/code"),
            url=URL,
            download_url="https://example.org/bert.bin",
            rated=0.5,
        ),
    )

    item = dynamo.client.get_items([model.id])[model.id]

    texts = {name: value["S"] for name, value in item.items() if "S" in value}
    assert orjson.loads(texts["artifact"]) == {
        "metadata": {"name": " BERT ", "id": model.id, "type": "model"},
        "data": {"url": URL, "download_url": "https://example.org/bert.bin"},
    }
    assert texts["artifact_type"] == "model"
    assert texts["url"] == URL
    assert texts["name_normalized"] == "bert"
    assert orjson.loads(texts["rating"]) == scores(0.5)
    assert texts["dataset_name"] == "SQuAD"
    assert texts["dataset_id"] == target.id
    assert texts["code_url"] == "https://example.org/code"
    assert "dataset_url" not in texts
    assert "code_id" not in texts
    assert "code_name" not in texts


def test_updates_keep_unknown_attributes(dynamo: DynamoStore) -> None:
    target = register_one(dynamo, squad())
    key = {"artifact_id": {"S": target.id}}
    dynamo.client.control.update_item(
        TableName=dynamo.name,
        Key=key,
        UpdateExpression="SET other_program = :x",
        ExpressionAttributeValues={":x": {"B": b"\x00\xff"}},
    )

    update(dynamo, update(dynamo, target, license="mit"), name="glue")

    response = dynamo.client.control.get_item(TableName=dynamo.name, Key=key)
    assert response["Item"]["other_program"] == {"B": b"\x00\xff"}
