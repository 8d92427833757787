"""How requests fail: the codes, and the one way in which an error is presented."""

import logging
from collections.abc import Mapping
from enum import Enum
from typing import Any

from graphql import GraphQLError

from storage.errors import StoreRefusedError, StoreUnavailableError

_log = logging.getLogger(__name__)


class Code(Enum):
    """What `extensions.code` of a top-level error can be."""

    BAD_USER_INPUT = "BAD_USER_INPUT"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    QUERY_TOO_COMPLEX = "QUERY_TOO_COMPLEX"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    RATE_LIMITED = "RATE_LIMITED"
    UNAVAILABLE = "UNAVAILABLE"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    STORE_UNAVAILABLE = "STORE_UNAVAILABLE"
    INTERNAL = "INTERNAL"


class RequestError(Exception):
    """A request that is refused; whoever made it may read the message."""

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
        """What HTTP says of it beside the message."""
        self.status = status
        """The status of HTTP, where the code alone does not say it."""


def bad_input(message: str) -> RequestError:
    """What to raise where an argument breaks a rule."""
    return RequestError(Code.BAD_USER_INPUT, message)


def must_be_posted(what: str) -> RequestError:
    """The refusal of what came by GET and may not."""
    message = f"{what} must be sent with POST."
    return RequestError(Code.BAD_USER_INPUT, message, {"allow": "POST"}, status=405)


def format_request_error(error: RequestError) -> dict[str, Any]:
    """An error of the whole request, as the response carries it."""
    return {"message": error.message, "extensions": {"code": error.code.value}}


def format_execution_error(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """An error that came up while executing, as the response carries it."""
    code, message = _told(error)
    extensions = {"code": code.value}
    cause = _cause(error)
    if isinstance(cause, StoreRefusedError):
        _log.error("request %s was refused by the store: %s", request_id, cause)
    if code is Code.INTERNAL:
        extensions["requestId"] = request_id
        _log.error("request %s failed", request_id, exc_info=cause)
    return _formatted(error, message, extensions)


def format_document_error(error: GraphQLError, code: Code) -> dict[str, Any]:
    """An error that parsing or validation found, as the response carries it."""
    return _formatted(error, error.message, {"code": code.value})


def _told(error: GraphQLError) -> tuple[Code, str]:
    cause = _cause(error)
    if isinstance(cause, RequestError):
        return cause.code, cause.message
    if isinstance(cause, StoreRefusedError):
        return (
            Code.STORE_UNAVAILABLE,
            "The store refuses; its log says why.",
        )
    if isinstance(cause, StoreUnavailableError):
        return Code.STORE_UNAVAILABLE, "The store did not answer; try again."
    if isinstance(cause, GraphQLError):
        return Code.BAD_USER_INPUT, error.message
    return Code.INTERNAL, "Something went wrong."


def _cause(error: GraphQLError) -> Exception:
    """What was raised: graphql-core wraps it, more than once where it crosses a null."""
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _formatted(error: GraphQLError, message: str, extensions: dict[str, str]) -> dict[str, Any]:
    formatted: dict[str, Any] = {"message": message}
    if error.locations:
        formatted["locations"] = [
            {"line": at.line, "column": at.column} for at in error.locations
        ]
    if error.path is not None:
        formatted["path"] = list(error.path)
    formatted["extensions"] = extensions
    return formatted
