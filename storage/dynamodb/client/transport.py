"""Sends signed requests to DynamoDB and reads the responses, several at the same time.

boto3 validates, serializes and parses every attribute, which costs more CPU time than all else.
Here parameters and answers are DynamoDB's own JSON; HTTP and signing are botocore's.
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from zlib import crc32

import orjson
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import NoCredentialsError
from botocore.session import Session
from urllib3.response import BaseHTTPResponse

from storage.dynamodb.client.errors import (
    CALL_ERRORS,
    REQUEST_ID_HEADER,
    CallFailure,
    from_exception,
    from_response,
)
from storage.dynamodb.client.http import Timeouts, create_http_session

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Call = tuple[str, Mapping[str, Any]]
"""An operation and its parameters."""


class CallSuccess(NamedTuple):
    """The answer to a call, in DynamoDB's JSON."""

    answer: dict[str, Any]
    request_id: str


CallResult = CallSuccess | CallFailure


_MAX_WORKERS = 32
_CHUNK_BYTES = 262_144
_LEAST_SECONDS = 0.001
_FIRST_ERROR_STATUS = 300


class SignableRequest(AWSPreparedRequest):
    """A request that botocore can sign as it is; AWSRequest would copy headers and body."""

    params: Mapping[str, str] = MappingProxyType({})
    context: dict[str, Any]


_Opened = AWSResponse | CallFailure
_Prepared = SignableRequest | _Opened


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
            "User-Agent": cast("Any", control.meta.config).user_agent,
        }
        self._http = create_http_session(session, control, timeouts)
        self._workers = ThreadPoolExecutor(_MAX_WORKERS, thread_name_prefix="dynamodb")

    def send_all(self, calls: Sequence[Call], end: float) -> list[CallResult]:
        """The answers to calls that are under way at the same time, or why there is none.

        All of them end at `end`, a time of the monotonic clock: exactly while waiting for a
        response to begin on a worker thread, else at most a timeout later.
        """
        prepared = [self._prepare(operation, params, end) for operation, params in calls]
        opened = self._open_all(prepared, end)
        return [self._read(response, end) for response in opened]

    def close(self) -> None:
        """Close the idle connections; the next call opens new ones.

        The worker threads end with the last reference to this object.
        """
        self._http.close()

    def _prepare(self, operation: str, parameters: Mapping[str, Any], end: float) -> _Prepared:
        """The signed request, or the response of a handler of `before-send`."""
        try:
            request = self._signed(operation, orjson.dumps(parameters))
            event = f"before-send.dynamodb.{operation}"
            _, response = self._events.emit_until_response(event, request=request)
        except CALL_ERRORS as error:
            return from_exception(error)
        if response is not None:
            return cast("AWSResponse", response)
        left = max(_LEAST_SECONDS, end - time.monotonic())
        request.context["read_timeout"] = min(self._read_seconds, left)
        return request

    def _signed(self, operation: str, body: bytes) -> SignableRequest:
        credentials = self._session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        headers = {**self._headers, "X-Amz-Target": f"DynamoDB_20120810.{operation}"}
        # A dict is as good to botocore as HTTPHeaders, and much faster.
        fast = cast("HTTPHeaders", headers)
        request = SignableRequest("POST", self._url, fast, body, stream_output=True, context={})
        frozen = credentials.get_frozen_credentials()
        signer: Any = SigV4Auth(frozen, "dynamodb", self._region)
        signer.add_auth(request)
        return request

    def _open_all(self, prepared: Sequence[_Prepared], end: float) -> list[_Opened]:
        """Send the requests and wait for the headers of the responses, bodies still unread.

        Worker threads send all but the first. They leave the bodies to this thread: threads
        that read and parse side by side take the interpreter lock from each other.
        """
        futures = {
            index: self._workers.submit(copy_context().run, self._open, request)
            for index, request in enumerate(prepared)
            if index and isinstance(request, SignableRequest)
        }
        first = [self._open(request) for request in prepared[:1]]
        others = (
            _result(futures[index], end) if index in futures else self._open(request)
            for index, request in enumerate(prepared[1:], 1)
        )
        return [*first, *others]

    def _open(self, request: _Prepared) -> _Opened:
        if not isinstance(request, SignableRequest):
            return request
        try:
            return self._http.send(request)
        except CALL_ERRORS as error:
            # Idle connections may lead to the same dead host, and each would take its time.
            self._http.close()
            return from_exception(error)

    def _read(self, response: _Opened, end: float) -> CallResult:
        if isinstance(response, CallFailure):
            return response
        try:
            return _parse(response, _read_body(response, end))
        except CALL_ERRORS as error:
            return from_exception(error)


def _result(future: Future[_Opened], end: float) -> _Opened:
    try:
        return future.result(max(_LEAST_SECONDS, end - time.monotonic()))
    except TimeoutError as error:
        future.cancel()
        future.add_done_callback(_discard)
        return from_exception(error)


def _discard(future: Future[_Opened]) -> None:
    """Close a response that nobody waits for any more."""
    response = None if future.cancelled() else future.result()
    if isinstance(response, AWSResponse):
        response.raw.close()


def _read_body(response: AWSResponse, end: float) -> bytes:
    """The whole body; the read timeout applies to each part, the deadline to all of them.

    Raises:
        OSError, HTTPError: if it does not arrive, or not in time.
    """
    raw: Any = response.raw
    if not isinstance(raw, BaseHTTPResponse):  # of a handler of before-send
        return bytes(response.content)
    parts = []
    try:
        while part := raw.read1(_CHUNK_BYTES):
            parts.append(part)
            _check_deadline(end)
    except BaseException:
        raw.close()
        raise
    raw.release_conn()
    return b"".join(parts)


def _check_deadline(end: float) -> None:
    if time.monotonic() > end:
        raise TimeoutError("the response was not complete at the deadline")


def _parse(response: AWSResponse, body: bytes) -> CallResult:
    """The answer in a body.

    Raises:
        ValueError: if the body is damaged.
    """
    checksum = response.headers.get("x-amz-crc32")
    if checksum is not None and int(checksum) != crc32(body):
        raise ValueError("the response does not match its checksum x-amz-crc32")
    if response.status_code >= _FIRST_ERROR_STATUS:
        return from_response(response.status_code, _error_body(body), response.headers)
    answer: Any = orjson.loads(body)
    if not isinstance(answer, dict):
        raise ValueError("the response is not a JSON object")  # noqa: TRY004 - it is damaged
    return CallSuccess(answer, str(response.headers.get(REQUEST_ID_HEADER) or ""))


def _error_body(body: bytes) -> Mapping[str, Any]:
    """The JSON of an error response; a proxy may send something else, or nothing."""
    try:
        answer: Any = orjson.loads(body)
    except ValueError:
        answer = {"message": body[:200].decode(errors="replace")}
    return answer if isinstance(answer, dict) else {}
