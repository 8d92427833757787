"""Builds the boto3 client for control calls."""

from typing import TYPE_CHECKING, NamedTuple

import boto3
from botocore.config import Config
from botocore.session import Session

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_CONTROL_READ_SECONDS = 30.0
"""CreateTable and UpdateTable can take many seconds to answer."""


class Timeouts(NamedTuple):
    """Limits of the time without progress; the request's deadline limits the whole call."""

    connect_seconds: float = 1.0
    read_seconds: float = 2.0


def create_control_client(
    session: Session, region: str, timeouts: Timeouts, config: Config | None
) -> "DynamoDBClient":
    """Create the boto3 client, which also resolves the endpoint and has the event hooks.

    It does not retry: `retry_for` does, where a command can wait.
    """
    own = Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=timeouts.connect_seconds,
        read_timeout=_CONTROL_READ_SECONDS,
    )
    return boto3.session.Session(botocore_session=session).client(
        "dynamodb", region_name=region, config=own.merge(config) if config else own
    )
