"""Tables and indexes that cannot be used yet or any more are named, with what to do."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from storage.dynamodb.schema.table import definition
from storage.dynamodb.store import DynamoStore
from storage.errors import StoreSetupError
from tests.storage.dynamodb.client.fake_dynamo import (
    TABLE,
    FakeDynamo,
    Request,
    Response,
    dynamo,
)

ARN = f"arn:aws:dynamodb:eu-west-1:123456789012:table/{TABLE}"
SCHEMA = {
    "artifact_id": {"S": "meta#schema"},
    **{
        name: {"N": number}
        for numbers, number in {
            ("format", "min_reader", "min_writer"): "4",
            ("epoch", "log_epoch"): "1",
            ("shards",): "8",
        }.items()
        for name in numbers
    },
}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDynamo]:
    with dynamo() as fake:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", fake.url)
        yield fake


def describe(**changes: Any) -> dict[str, Any]:
    """The description of a table that can be used, except for what is changed."""
    parameters: dict[str, Any] = {**definition(TABLE)}
    indexes = [
        {**index, "IndexStatus": "ACTIVE"} for index in parameters["GlobalSecondaryIndexes"]
    ]
    return {
        **parameters,
        "TableStatus": "ACTIVE",
        "TableId": "1",
        "GlobalSecondaryIndexes": indexes,
        **changes,
    }


def serve(fake: FakeDynamo, description: dict[str, Any]) -> None:
    """Answer with a description and with a schema item, under the name of the table."""

    def answer(request: Request) -> Response:
        if request.operation == "DescribeTable":
            return Response(json.dumps({"Table": description}).encode())
        return Response(json.dumps({"Responses": {TABLE: [SCHEMA]}}).encode())

    fake.handler = answer


def ensure(name: str = TABLE) -> None:
    store = DynamoStore(name, None if name == ARN else "us-east-2")
    try:
        store.ensure()
    finally:
        store.close()


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("CREATING", "is being created; wait until it is active"),
        ("DELETING", "is being deleted; set another name"),
        ("ARCHIVING", "is being archived, because its KMS key"),
        ("ARCHIVED", "was archived, .*; restore it from the backup"),
        ("INACCESSIBLE_ENCRYPTION_CREDENTIALS", "is encrypted with a KMS key that .*; enable"),
    ],
)
def test_a_table_that_cannot_be_used_is_named(
    fake: FakeDynamo, status: str, message: str
) -> None:
    serve(fake, describe(TableStatus=status))

    with pytest.raises(StoreSetupError, match=f"^DDB_TABLE_NAME: the table {TABLE} {message}"):
        ensure()


@pytest.mark.parametrize("status", ["ACTIVE", "UPDATING"])
def test_a_table_whose_capacity_changes_is_used(fake: FakeDynamo, status: str) -> None:
    description = describe(TableStatus=status)
    for index in description["GlobalSecondaryIndexes"]:
        index["IndexStatus"] = status
    serve(fake, description)

    ensure()


def test_an_index_that_is_being_built_is_named(fake: FakeDynamo) -> None:
    description = describe()
    description["GlobalSecondaryIndexes"][1]["IndexStatus"] = "CREATING"
    serve(fake, description)

    with pytest.raises(StoreSetupError, match="is still building the index by_reference; wait"):
        ensure()


@pytest.mark.parametrize("fault", ["keys", "projection", "type"])
def test_an_index_of_another_kind_is_named(fake: FakeDynamo, fault: str) -> None:
    description = describe()
    index = description["GlobalSecondaryIndexes"][0]
    if fault == "keys":
        index["KeySchema"] = index["KeySchema"][:1]
    elif fault == "projection":
        index["Projection"] = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["url"]}
    else:
        for attribute in description["AttributeDefinitions"]:
            if attribute["AttributeName"] == "bears":
                attribute["AttributeType"] = "N"
    serve(fake, description)

    with pytest.raises(StoreSetupError, match=r"the index by_bearing .* has other keys or ano"):
        ensure()


def test_the_arn_of_a_table_is_sent_as_it_is(fake: FakeDynamo) -> None:
    serve(fake, describe())

    ensure(ARN)

    described, read = fake.requests
    assert described.parameters["TableName"] == ARN
    assert list(read.parameters["RequestItems"]) == [ARN]
    assert "/eu-west-1/dynamodb/" in read.headers["Authorization"]
