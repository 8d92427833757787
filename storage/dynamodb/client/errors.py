"""Translates what botocore, urllib3 and DynamoDB report into the errors of the store."""

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    HTTPClientError,
    SSLError,
)
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError
from urllib3.exceptions import SSLError as Urllib3SSLError
from urllib3.exceptions import TimeoutError as Urllib3TimeoutError
from urllib3.util.ssl_match_hostname import CertificateError

from storage.errors import StoreRefusedError, StoreUnavailableError

REQUEST_ID_HEADER = "x-amzn-RequestId"
BOTO_ERRORS = ClientError, BotoCoreError, ResponseParserError
"""Raised by calls through boto3."""
CALL_ERRORS = BotoCoreError, HTTPError, HTTPException, OSError, ValueError
"""Raised by calls without a valid response; ValueError: it is damaged, or not JSON."""


class CancelledError(Exception):
    """A transaction changed nothing because one of its conditions did not hold."""


class ConflictError(Exception):
    """Another transaction, or an earlier attempt of this one, is still in progress.

    Send the same request with the same token again. Do not compute it anew: it may have taken
    effect already if a response was lost.
    """


class TransientError(StoreUnavailableError):
    """An error that may be gone when the call is repeated."""


@dataclass(frozen=True, slots=True)
class CallFailure:
    """A failed attempt of a call: the error for the caller, and AWS's words for the log."""

    error: Exception
    code: str
    """AWS's error code, or the name of the exception."""
    message: str = ""
    request_id: str = ""
    is_timeout: bool = False


_ERROR_CLASSES: Mapping[str, type[Exception]] = {
    "TransactionConflictException": ConflictError,
    "TransactionInProgressException": ConflictError,
    "InternalFailure": TransientError,
    "InternalServerError": TransientError,
    "ProvisionedThroughputExceededException": TransientError,
    "ReplicatedWriteConflictException": TransientError,
    "RequestLimitExceeded": TransientError,
    "RequestTimeout": TransientError,
    "RequestTimeoutException": TransientError,
    "ServiceUnavailable": TransientError,
    "ServiceUnavailableException": TransientError,
    "ThrottlingError": TransientError,
    "ThrottlingException": TransientError,
}
"""By AWS's error code; other codes mean StoreRefusedError unless the status is 500 or more."""
_PERMANENT_REASONS = frozenset({"ValidationError", "ItemCollectionSizeLimitExceeded"})
"""Reasons for the cancellation of a transaction that a repetition cannot change."""
_TIMEOUTS = TimeoutError, Urllib3TimeoutError, ConnectTimeoutError
_TIMEOUT_CODES = frozenset({"RequestTimeout", "RequestTimeoutException"})
_NETWORK_ERRORS = BotoConnectionError, HTTPClientError
_TLS_ERRORS = SSLError, Urllib3SSLError, ssl.SSLError, CertificateError
_BROKEN_CONNECTION = ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError
_SERVER_ERROR = 500


def from_response(
    status: int, body: Mapping[str, Any], headers: Mapping[str, Any] | HTTPMessage
) -> CallFailure:
    """Return the failure that an error response of DynamoDB describes."""
    code = str(body.get("__type", status)).rpartition("#")[2]
    message = str(body.get("message") or body.get("Message") or "")
    request_id = str(headers.get(REQUEST_ID_HEADER) or "")
    if code == "TransactionCanceledException":
        error = _cancellation(body.get("CancellationReasons") or ())
    else:
        default = TransientError if status >= _SERVER_ERROR else StoreRefusedError
        text = f"DynamoDB answered {code}: {message} (request id {request_id or 'none'})"
        error = _ERROR_CLASSES.get(code, default)(text)
    return CallFailure(error, code, message, request_id, code in _TIMEOUT_CODES)


def from_exception(error: Exception) -> CallFailure:
    """Return the failure that an exception of botocore, urllib3 or http.client describes."""
    if isinstance(error, ClientError):
        return _from_client_error(error)
    name, message = type(error).__name__, _describe(error)
    if _is_misconfigured(error):
        ours: Exception = StoreRefusedError(f"the TLS connection to DynamoDB failed: {message}")
    elif isinstance(error, BotoCoreError) and not isinstance(error, _NETWORK_ERRORS):
        ours = StoreRefusedError(f"DynamoDB cannot be called: {message}")
    else:
        ours = TransientError(f"DynamoDB did not answer: {message}")
    return CallFailure(ours, name, message, is_timeout=isinstance(error, _TIMEOUTS))


def _from_client_error(error: ClientError) -> CallFailure:
    response: Any = error.response
    metadata = response.get("ResponseMetadata", {})
    details = response.get("Error", {})
    body = {
        **response,
        "__type": f"#{details.get('Code', '')}",
        "message": details.get("Message", ""),
    }
    headers = {REQUEST_ID_HEADER: metadata.get("RequestId", "")}
    return from_response(metadata.get("HTTPStatusCode", 0), body, headers)


def _cancellation(reasons: Any) -> Exception:  # noqa: ANN401 - DynamoDB's JSON
    codes = {reason.get("Code", "None") for reason in reasons}
    if permanent := codes & _PERMANENT_REASONS:
        return StoreRefusedError(f"DynamoDB answered {', '.join(sorted(permanent))}")
    is_condition = "ConditionalCheckFailed" in codes
    return CancelledError() if is_condition else ConflictError()


def _is_misconfigured(error: Exception) -> bool:
    """Return whether certificates or keys are wrong, here or there, not the network.

    A connection that broke off during the TLS handshake is a network error.
    """
    chain = list(_causes(error))
    if any(isinstance(cause, _BROKEN_CONNECTION) for cause in chain):
        return False
    return any(isinstance(cause, (*_TLS_ERRORS, FileNotFoundError)) for cause in chain)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _describe(error: Exception) -> str:
    """Return an exception's message, with the original error that botocore often omits."""
    cause = error.kwargs.get("error") if isinstance(error, BotoCoreError) else None
    cause = getattr(cause, "__cause__", None) or cause  # without the names of its classes
    text = str(error)
    return text if cause is None or str(cause) in text else f"{text} {cause}"
