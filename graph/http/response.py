"""Conversion of GraphQL responses and request errors to HTTP responses."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from graph.errors import Code, RequestError, format_request_error

_JSON = "application/json"
_GRAPHQL_JSON = "application/graphql-response+json"
_STATUSES = {
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.RATE_LIMITED: 429,
    Code.UNAVAILABLE: 503,
}


def to_response(request: Request, body: bytes, *, was_executed: bool) -> Response:
    """Convert an encoded GraphQL response, in the media type that the client accepts.

    With `application/graphql-response+json` status 400 means that the request was not executed;
    with `application/json` it is always 200, as clients of that media type expect.
    """
    accepts_graphql_json = _GRAPHQL_JSON in read_accept_header(request)
    status = 400 if accepts_graphql_json and not was_executed else 200
    media_type = f"{_GRAPHQL_JSON if accepts_graphql_json else _JSON}; charset=utf-8"
    return Response(body, status, media_type=media_type)


def to_error_response(error: RequestError, extensions: Mapping[str, Any]) -> Response:
    """Convert the error of a request that was rejected before execution."""
    content = {"errors": [format_request_error(error)], "extensions": extensions}
    status = error.status or _STATUSES.get(error.code, 400)
    return Response(orjson.dumps(content), status, error.headers, media_type=_JSON)


def read_accept_header(request: Request) -> str:
    """Return the `Accept` header in lower case."""
    return request.headers.get("accept", "").lower()
