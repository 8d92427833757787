"""Request errors: their codes, and how errors are formatted in a response."""

import logging
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from graphql import GraphQLError

from storage.errors import (
    CursorExpiredError,
    InvalidCursorError,
    PatternTooSlowError,
    SearchNotReadyError,
    StoreRefusedError,
    StoreUnavailableError,
    UndecodableError,
)

_log = logging.getLogger(__name__)
_MAX_LOGGED = 10
"""Errors of one request that are logged each, because a traceback takes a millisecond."""


class Code(Enum):
    """The values of `extensions.code` in a top-level error."""

    BAD_USER_INPUT = "BAD_USER_INPUT"
    INVALID_CURSOR = "INVALID_CURSOR"
    CURSOR_EXPIRED = "CURSOR_EXPIRED"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    QUERY_TOO_COMPLEX = "QUERY_TOO_COMPLEX"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    RATE_LIMITED = "RATE_LIMITED"
    UNAVAILABLE = "UNAVAILABLE"
    SEARCH_NOT_READY = "SEARCH_NOT_READY"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    STORE_UNAVAILABLE = "STORE_UNAVAILABLE"
    INTERNAL = "INTERNAL"


_MESSAGES = {
    StoreRefusedError: (Code.STORE_UNAVAILABLE, "The store rejected the request."),
    StoreUnavailableError: (Code.STORE_UNAVAILABLE, "The store did not answer; try again."),
    UndecodableError: (Code.INTERNAL, "The stored data of this object cannot be read."),
    InvalidCursorError: (
        Code.INVALID_CURSOR,
        "Invalid cursor for this query; pass a cursor that it returned before.",
    ),
    PatternTooSlowError: (
        Code.QUERY_TOO_COMPLEX,
        "Comparing names with the pattern takes too long: use fewer repetitions in it.",
    ),
    SearchNotReadyError: (
        Code.SEARCH_NOT_READY,
        "The search index is not ready; try again after `retryAfter` seconds.",
    ),
    CursorExpiredError: (
        Code.CURSOR_EXPIRED,
        "The changes after this cursor are no longer kept: continue from a new `changeCursor`.",
    ),
}
"""The codes and messages of errors of stores, whose own messages are for operators."""
_MAX_MESSAGE = 2_000
"""Characters."""


class RequestError(Exception):
    """An expected failure of a request, whose message the client may see."""

    def __init__(
        self,
        code: Code,
        message: str,
        headers: Mapping[str, str] | None = None,
        *,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.headers = headers or {}
        """Additional headers of the HTTP response."""
        self.status = status
        """The HTTP status, if it does not follow from the code."""


def bad_input(message: str) -> RequestError:
    """Return the error to raise for an argument that breaks a rule."""
    return RequestError(Code.BAD_USER_INPUT, message)


def invalid_cursor() -> RequestError:
    """Return the error to raise for a cursor that is not one of the query."""
    return RequestError(*_MESSAGES[InvalidCursorError])


def post_required(what: str) -> RequestError:
    """Return the error to raise for something that was sent with GET but needs POST."""
    message = f"{what} must be sent with POST."
    return RequestError(Code.BAD_USER_INPUT, message, {"allow": "POST"}, status=405)


def events_required() -> RequestError:
    """Return the error to raise for a subscription whose client accepts no events."""
    message = (
        "Subscriptions are sent as server-sent events: send the header "
        "`Accept: text/event-stream`."
    )
    return RequestError(Code.BAD_USER_INPUT, message, status=406)


def format_request_error(error: RequestError) -> dict[str, Any]:
    """Format an error of the whole request for the response."""
    return {"message": error.message, "extensions": {"code": error.code.value}}


def format_execution_errors(
    errors: Iterable[GraphQLError], request_id: str
) -> list[dict[str, Any]]:
    """Format errors of fields for the response, and log the first that were not expected."""
    formatted, unexpected = [], 0
    for error in errors:
        code, message = _describe_error(error)
        extensions: dict[str, str | int] = {"code": code.value}
        cause = _find_cause(error)
        if isinstance(cause, SearchNotReadyError):
            extensions["retryAfter"] = cause.retry_after
        if code is Code.INTERNAL:
            extensions["requestId"] = request_id
        if code is Code.INTERNAL or isinstance(cause, StoreRefusedError):
            unexpected += 1
            if unexpected <= _MAX_LOGGED:
                _log_error(cause, request_id)
        formatted.append(_format_error(error, message, extensions))
    if unexpected > _MAX_LOGGED:
        _log.error("request %s has %d more errors", request_id, unexpected - _MAX_LOGGED)
    return formatted


def format_document_error(error: GraphQLError, code: Code) -> dict[str, Any]:
    """Format an error of parsing or validation for the response."""
    return _format_error(error, error.message, {"code": code.value})


def _describe_error(error: GraphQLError) -> tuple[Code, str]:
    """Return the code of an error and the message that the client may see."""
    cause = _find_cause(error)
    if isinstance(cause, RequestError):
        return cause.code, cause.message
    for error_class, described in _MESSAGES.items():
        if isinstance(cause, error_class):
            return described
    if isinstance(cause, GraphQLError):
        return Code.BAD_USER_INPUT, error.message
    return Code.INTERNAL, "Internal server error."


def _log_error(cause: Exception, request_id: str) -> None:
    if isinstance(cause, StoreRefusedError):
        _log.error("the store rejected request %s: %s", request_id, cause)
    else:
        _log.error("request %s failed", request_id, exc_info=cause)


def _find_cause(error: GraphQLError) -> Exception:
    """Return the exception that a resolver raised.

    graphql-core wraps it, and wraps it again each time that it propagates a null.
    """
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _format_error(
    error: GraphQLError, message: str, extensions: Mapping[str, str | int]
) -> dict[str, Any]:
    if len(message) > _MAX_MESSAGE:  # graphql-core repeats values of any length
        message = f"{message[:_MAX_MESSAGE]}…"
    formatted: dict[str, Any] = {"message": message}
    if error.locations:
        formatted["locations"] = [
            {"line": location.line, "column": location.column} for location in error.locations
        ]
    if error.path is not None:
        formatted["path"] = list(error.path)
    formatted["extensions"] = extensions
    return formatted
