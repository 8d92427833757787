"""Builds the boto3 client for control calls and botocore's HTTP session for data calls."""

import socket
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.endpoint import EndpointCreator
from botocore.httpsession import URLLib3Session
from botocore.session import Session

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MAX_CONNECTIONS = 64
"""Connections that are kept open; more can be open at once."""
_CONTROL_READ_SECONDS = 30.0
"""CreateTable and UpdateTable can take many seconds to answer."""
_SOCKET_OPTIONS = [
    # Without it each call waits for a delayed acknowledgement: headers and body are sent apart.
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
]


class Timeouts(NamedTuple):
    """Limits of the time without progress; the request's deadline limits the whole call."""

    connect_seconds: float = 1.0
    read_seconds: float = 2.0


def create_control_client(
    session: Session, region: str, timeouts: Timeouts, config: Config | None
) -> "DynamoDBClient":
    """The boto3 client, which also resolves the endpoint and carries the event hooks.

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


def create_http_session(
    session: Session, control: "DynamoDBClient", timeouts: Timeouts
) -> URLLib3Session:
    """An HTTP session with the proxies, CA bundle and client certificate of boto3."""
    config: Any = control.meta.config
    creator: Any = EndpointCreator(control.meta.events)
    endpoint = creator.create_endpoint(
        control.meta.service_model,
        region_name=control.meta.region_name,
        endpoint_url=control.meta.endpoint_url,
        verify=session.get_config_variable("ca_bundle"),
        timeout=(timeouts.connect_seconds, timeouts.read_seconds),
        max_pool_connections=_MAX_CONNECTIONS,
        proxies=config.proxies,
        socket_options=_SOCKET_OPTIONS,
        client_cert=config.client_cert,
        proxies_config=config.proxies_config,
    )
    http: URLLib3Session = endpoint.http_session
    return http
