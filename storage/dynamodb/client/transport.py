"""Sends calls to DynamoDB: signed as botocore does, without what it does anew for each call.

boto3 validates and serializes the parameters, resolves the endpoint, builds the user agent and
walks every attribute of the answer: 1.9 ms of CPU time for a call that reads one item, of which
0.2 are left here, and several times that for a page of items. Parameters and answers are in
DynamoDB's own JSON, here as on the wire, so that nothing needs translating.

It goes straight to the endpoint of the boto3 client, and to no proxy.
"""

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import orjson
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ClientError, NoCredentialsError
from botocore.httpsession import get_cert_path
from botocore.session import Session

from storage.dynamodb.client.connection import Connection, DamagedError
from storage.dynamodb.client.connection_pool import Connections
from storage.dynamodb.client.retry import CALL_ERRORS, failure
from storage.dynamodb.client.signing import Signer

if TYPE_CHECKING:
    from botocore.compat import HTTPHeaders
    from mypy_boto3_dynamodb import DynamoDBClient

Call = tuple[str, Mapping[str, Any]]
"""An operation and its parameters."""

Answer = dict[str, Any] | Exception
_Sent = Connection | AWSResponse | Exception
_LEAST_ERROR = 300


class Transport:
    """The way to the endpoint of a boto3 client, which any number of threads may share.

    Of botocore's events it keeps before-send, through which emulators answer and faults are
    put below it.
    """

    def __init__(self, session: Session, boto: "DynamoDBClient") -> None:
        self._session = session
        self._url = boto.meta.endpoint_url.rstrip("/") + "/"
        self._signer = Signer(self._url, boto.meta.region_name)
        self._events: Any = boto.meta.events
        certificates = get_cert_path(session.get_config_variable("ca_bundle") or True)
        self._connections = Connections(self._url, certificates)

    def send_all(self, calls: Sequence[Call], seconds: float) -> list[Answer]:
        """The answers to calls that are under way at the same time, or why there is none.

        All together they have so many seconds. One thread sends them all and then reads the
        answers: threads of their own would take twice the CPU time, in each other's way.
        """
        end = time.monotonic() + seconds
        sent = [self._begin(*call, end) for call in calls]
        return [self._end(call[0], begun, end) for call, begun in zip(calls, sent, strict=True)]

    def close(self) -> None:
        """Let go of the connections that nobody uses."""
        self._connections.close()

    def _begin(self, operation: str, parameters: Mapping[str, Any], end: float) -> _Sent:
        try:
            request = self._signed(operation, orjson.dumps(parameters))
            event = f"before-send.dynamodb.{operation}"
            _, instead = self._events.emit_until_response(event, request=request)
            if instead is not None:
                return cast("AWSResponse", instead)
            # A handler may have changed the request.
            body: Any = request.body
            return self._connections.send(body, dict(request.headers), end)
        except CALL_ERRORS as error:
            return failure(error)

    def _end(self, operation: str, sent: _Sent, end: float) -> Answer:
        if isinstance(sent, Exception):
            return sent
        try:
            if isinstance(sent, Connection):
                status, body = self._connections.receive(sent, end)
            else:
                status, body = sent.status_code, sent.content
            # Without a body an answer of a server in between may be an error, but no success.
            answer: object = orjson.loads(body) if body or status < _LEAST_ERROR else {}
            if not isinstance(answer, dict):
                raise DamagedError
        except CALL_ERRORS as error:
            return failure(error)
        return answer if status < _LEAST_ERROR else _refusal(operation, status, answer)

    def _signed(self, operation: str, body: bytes) -> AWSPreparedRequest:
        credentials = self._session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        target = f"DynamoDB_20120810.{operation}"
        headers = self._signer.headers(target, body, credentials.get_frozen_credentials())
        named = cast("HTTPHeaders", headers)  # a dict is as good, and ten times as fast
        return AWSPreparedRequest("POST", self._url, named, body, stream_output=False)


def _refusal(operation: str, status: int, answer: Mapping[str, Any]) -> Exception:
    code = str(answer.get("__type", status)).rpartition("#")[2]
    response: Any = {
        **answer,
        "Error": {"Code": code, "Message": answer.get("message", "")},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return failure(ClientError(response, operation))
