"""Conversion of GraphQL responses and request errors to HTTP responses."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from graph.errors import Code, RequestError, format_request_error
from graph.http.accept import GRAPHQL_JSON, JSON, choose_media_type
from graph.limits.rate_limit import RequestRate

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
    media_type = choose_media_type(request)
    status = 400 if media_type == GRAPHQL_JSON and not was_executed else 200
    return Response(body, status, media_type=f"{media_type}; charset=utf-8")


def to_error_response(error: RequestError, extensions: Mapping[str, Any]) -> Response:
    """Convert the error of a request that was rejected before execution."""
    content = {"errors": [format_request_error(error)], "extensions": extensions}
    status = error.status or _STATUSES.get(error.code, 400)
    return Response(orjson.dumps(content), status, error.headers, media_type=JSON)


def format_cost(requested: int, maximum: int, rate: RequestRate) -> dict[str, Any]:
    """Return the extensions of every response: what it cost, and what is left of the rate."""
    return {"cost": {"requested": requested, "maximum": maximum, **rate.format_cost()}}
