"""Sends signed calls to DynamoDB and reads the responses, several at the same time.

boto3 validates, serializes and parses every attribute, which costs more CPU time than all else.
Here parameters and answers are DynamoDB's own JSON. HTTP is http.client's, urllib3 opens its
sockets, and signatures and settings are botocore's.
"""

import time
from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from zlib import crc32

import orjson
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import NoCredentialsError
from botocore.session import Session

from storage.dynamodb.client.connections import Connection, Connections, Response
from storage.dynamodb.client.errors import (
    CALL_ERRORS,
    REQUEST_ID_HEADER,
    CallFailure,
    from_exception,
    from_response,
)
from storage.dynamodb.client.http import Timeouts
from storage.dynamodb.client.route import find_route
from storage.dynamodb.client.signing import Signer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Call = tuple[str, Mapping[str, Any]]
"""An operation and its parameters."""


class CallSuccess(NamedTuple):
    """The answer to a call, in DynamoDB's JSON."""

    answer: dict[str, Any]
    request_id: str


CallResult = CallSuccess | CallFailure


_FIRST_ERROR_STATUS = 300


class SignableRequest(AWSPreparedRequest):
    """A request that botocore can sign as it is; AWSRequest would copy headers and body."""

    params: Mapping[str, str] = MappingProxyType({})
    context: dict[str, Any]


_Sent = Connection | Response | CallFailure


class Transport:
    """Connections to the endpoint of a boto3 client; any number of threads can share them.

    Every request passes through the client's `before-send` event, in which moto answers and
    tests inject faults.
    """

    def __init__(self, session: Session, control: "DynamoDBClient", timeouts: Timeouts) -> None:
        self._session = session
        self._url = control.meta.endpoint_url.rstrip("/") + "/"
        self._region = control.meta.region_name
        self._events: Any = control.meta.events
        self._read_seconds = timeouts.read_seconds
        self._headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "Host": _host(self._url),
            "User-Agent": cast("Any", control.meta.config).user_agent,
        }
        self._connections = Connections(partial(find_route, session, control), timeouts)

    def send_all(self, calls: Sequence[Call], end: float) -> list[CallResult]:
        """Send calls at the same time, and return their answers or failures.

        This thread sends all of them and then reads the responses: threads of their own would
        take the interpreter lock from each other. All end at `end`, a time of the monotonic
        clock, or at most a timeout later.
        """
        sent: list[_Sent] = []
        for operation, parameters in calls:
            last = sent[-1] if sent else None
            if isinstance(last, CallFailure) and last.is_timeout:
                sent.append(last)  # The next would wait as long as this one, and in vain.
            else:
                sent.append(self._send(operation, parameters, end))
        start_by = min(end, time.monotonic() + self._read_seconds)
        return [self._receive(one, start_by, end) for one in sent]

    def close(self) -> None:
        """Close the idle connections; the next call opens new ones."""
        self._connections.close()

    def _send(self, operation: str, parameters: Mapping[str, Any], end: float) -> _Sent:
        """Send a call, unless a handler of `before-send` responds in DynamoDB's place."""
        try:
            request = self._signed(operation, orjson.dumps(parameters))
            event = f"before-send.dynamodb.{operation}"
            _, response = self._events.emit_until_response(event, request=request)
            if response is None:
                return self._connections.send(request, end)
            return _whole(response)
        except CALL_ERRORS as error:
            return from_exception(error)

    def _signed(self, operation: str, body: bytes) -> SignableRequest:
        credentials = self._session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        headers = {**self._headers, "X-Amz-Target": f"DynamoDB_20120810.{operation}"}
        # A dict is as good to botocore as HTTPHeaders, and much faster.
        fast = cast("HTTPHeaders", headers)
        request = SignableRequest("POST", self._url, fast, body, stream_output=True, context={})
        signer: Any = Signer(credentials.get_frozen_credentials(), self._region)
        signer.add_auth(request)
        return request

    def _receive(self, sent: _Sent, start_by: float, end: float) -> CallResult:
        if isinstance(sent, CallFailure):
            return sent
        try:
            if isinstance(sent, Connection):
                sent = self._connections.receive(sent, start_by, end)
            return _parse(sent)
        except CALL_ERRORS as error:
            return from_exception(error)


def _host(url: str) -> str:
    """Return the value of the header `Host` as botocore would sign it."""
    request = SignableRequest("POST", url, HTTPHeaders(), b"", stream_output=True, context={})
    signer: Any = SigV4Auth(ReadOnlyCredentials("", "", None), "dynamodb", "")
    return str(signer.headers_to_sign(request)["host"])


def _whole(response: AWSResponse) -> Response:
    """Return the response of a handler."""
    return Response(response.status_code, response.headers, bytes(response.content))


def _parse(response: Response) -> CallResult:
    """Return the answer in a response.

    Raises:
        ValueError: if the body is damaged.
    """
    status, headers, body = response
    checksum = headers.get("x-amz-crc32")
    if checksum is not None and int(checksum) != crc32(body):
        raise ValueError("the response does not match its checksum x-amz-crc32")
    if status >= _FIRST_ERROR_STATUS:
        return from_response(status, _error_body(body), headers)
    answer: Any = orjson.loads(body)
    if not isinstance(answer, dict):
        raise ValueError("the response is not a JSON object")  # noqa: TRY004 - it is damaged
    return CallSuccess(answer, str(headers.get(REQUEST_ID_HEADER) or ""))


def _error_body(body: bytes) -> Mapping[str, Any]:
    """Return the JSON of an error response; a proxy may send something else, or nothing."""
    try:
        answer: Any = orjson.loads(body)
    except ValueError:
        answer = {"message": body[:200].decode(errors="replace")}
    return answer if isinstance(answer, dict) else {}
