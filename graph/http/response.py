"""How answers and refusals become HTTP responses: their media types, statuses and headers."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from graph.errors import Code, RequestError, format_request_error

_JSON = "application/json"
_GRAPHQL_JSON = "application/graphql-response+json"
_STATUS = {
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.RATE_LIMITED: 429,
    Code.UNAVAILABLE: 503,
}


def to_response(request: Request, content: Mapping[str, Any]) -> Response:
    """The answer in the media type that was asked for, which decides about its status.

    Clients that know `application/graphql-response+json` see in the status whether the
    request was executed; to others every GraphQL answer is a 200, as it always was.
    """
    knows = _GRAPHQL_JSON in accepted(request)
    status = 400 if knows and "data" not in content else 200
    media_type = f"{_GRAPHQL_JSON if knows else _JSON}; charset=utf-8"
    return Response(orjson.dumps(content), status, media_type=media_type)


def to_error_response(error: RequestError, extensions: Mapping[str, Any]) -> Response:
    """The refusal of a request that was not executed."""
    content = {"errors": [format_request_error(error)], "extensions": extensions}
    status = error.status or _STATUS.get(error.code, 400)
    return Response(orjson.dumps(content), status, error.headers, media_type=_JSON)


def accepted(request: Request) -> str:
    """The media types that the client takes."""
    return request.headers.get("accept", "").lower()
