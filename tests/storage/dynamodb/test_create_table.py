"""Creating the table: it is waited for, and backups are enabled or the log says why not."""

from typing import TYPE_CHECKING, cast

import boto3
import pytest
from botocore.stub import Stubber

from storage.dynamodb.schema import table
from storage.dynamodb.schema.table import create, definition
from tests.storage.engines import REGION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ENABLED = {
    "TableName": "artifacts",
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
}


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Stubber:
    """A client that answers as AWS does once the table is created."""
    monkeypatch.setattr(table, "_POLL_SECONDS", 0.0)
    stub = Stubber(boto3.client("dynamodb", region_name=REGION))
    stub.add_response("create_table", {}, dict(definition("artifacts")))
    stub.add_response("describe_table", {"Table": {"TableStatus": "ACTIVE"}})
    return stub


def test_backups_that_are_not_available_yet_are_enabled_later(
    stub: Stubber, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        stub.add_client_error(
            "update_continuous_backups", "ContinuousBackupsUnavailableException"
        )
    stub.add_response("update_continuous_backups", {}, ENABLED)

    with stub:
        assert create(cast("DynamoDBClient", stub.client), "artifacts")

    stub.assert_no_pending_responses()
    assert caplog.messages == []


@pytest.mark.parametrize("code", ["AccessDeniedException", "UnknownOperationException"])
def test_backups_that_cannot_be_enabled_are_logged(
    stub: Stubber, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    stub.add_client_error("update_continuous_backups", code, "Not here.")

    with stub:
        assert create(cast("DynamoDBClient", stub.client), "artifacts")

    (line,) = caplog.messages
    assert line.startswith("the table artifacts has no point-in-time recovery: ")
    assert "Not here." in line
