"""Creating the table: it is waited for, and backups are enabled or the log says why not."""

from typing import TYPE_CHECKING, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from storage.dynamodb.schema import table
from storage.dynamodb.schema.table import create, definition
from storage.dynamodb.store import DynamoStore
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


COMMAND = (
    "aws dynamodb update-continuous-backups --table-name artifacts "
    "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
)


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "ContinuousBackupsUnavailableException"]
)
def test_backups_that_cannot_be_enabled_are_logged_with_the_command_that_enables_them(
    stub: Stubber, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(table, "_BACKUP_SECONDS", 0.0)
    stub.add_client_error("update_continuous_backups", code, "Not now.")

    with stub:
        assert create(cast("DynamoDBClient", stub.client), "artifacts")

    (line,) = caplog.messages
    assert line.startswith("the table artifacts has NO point-in-time recovery: ")
    assert "Not now." in line
    assert line.endswith(f"; to enable it, run `{COMMAND}`")


def test_an_endpoint_without_backups_is_no_reason_for_a_warning(
    stub: Stubber, caplog: pytest.LogCaptureFixture
) -> None:
    stub.add_client_error("update_continuous_backups", "UnknownOperationException")

    with stub:
        assert create(cast("DynamoDBClient", stub.client), "artifacts")

    assert caplog.messages == []


def test_an_endpoint_that_does_not_know_of_deletion_protection_gets_a_table_without(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(table, "_POLL_SECONDS", 0.0)
    stub = Stubber(boto3.client("dynamodb", region_name=REGION))
    stub.add_client_error(
        "create_table", "ValidationException", expected_params=dict(definition("artifacts"))
    )
    unprotected = {
        name: value
        for name, value in definition("artifacts").items()
        if name != "DeletionProtectionEnabled"
    }
    stub.add_response("create_table", {}, unprotected)
    stub.add_response("describe_table", {"Table": {"TableStatus": "ACTIVE"}})
    stub.add_response("update_continuous_backups", {}, ENABLED)

    with stub:
        assert create(cast("DynamoDBClient", stub.client), "artifacts")

    (line,) = caplog.messages
    assert line.startswith("the table artifacts is not protected from deletion: ")


def test_a_table_is_protected_from_deletion(moto: DynamoStore) -> None:
    with pytest.raises(ClientError, match=r"DeletionProtection|deletion protection"):
        moto.client.control.delete_table(TableName=moto.name)
