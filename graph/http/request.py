"""GraphQL requests: what a body or a query string says, checked before it is believed."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import ClientDisconnect, Request

from graph.errors import Code, RequestError, bad_input
from graph.execution.pipeline import GraphQLRequest

_JSON = "application/json"


async def read_body(request: Request, limit: int) -> bytes:
    """The body of a request.

    Raises:
        RequestError: where it is no JSON, or too long; what is left of it is not read.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != _JSON:
        # Forms of other sites can post without asking, but not with this type.
        raise RequestError(Code.BAD_USER_INPUT, f"The body must be {_JSON}.", status=415)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                message = f"The body must have at most {limit:,} bytes."
                raise RequestError(Code.BAD_USER_INPUT, message, status=413)
    except ClientDisconnect:
        raise bad_input("The body broke off.") from None
    return bytes(body)


def from_body(body: bytes) -> GraphQLRequest:
    """The request that a JSON body says.

    Raises:
        RequestError: where it says none.
    """
    members = _object(body, "The body")
    return _checked(members, is_read_only=False)


def from_query(query_string: bytes) -> GraphQLRequest:
    """The request that a query string says.

    Raises:
        RequestError: where it says none.
    """
    try:
        text = query_string.decode()
        members: dict[str, Any] = dict(parse_qsl(text, keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        raise bad_input("The query string must be in UTF-8.") from None
    for name in ("variables", "extensions"):
        if name in members:
            members[name] = _json(members[name].encode(), name)
    return _checked(members, is_read_only=True)


def _checked(members: Mapping[str, Any], *, is_read_only: bool) -> GraphQLRequest:
    query = members.get("query")
    if not isinstance(query, str):
        raise bad_input("query must be a string.")
    variables = members.get("variables")
    if not isinstance(variables, dict | None):
        raise bad_input("variables must be an object.")
    operation = members.get("operationName")
    if not isinstance(operation, str | None):
        raise bad_input("operationName must be a string.")
    if not isinstance(members.get("extensions"), dict | None):
        raise bad_input("extensions must be an object.")
    return GraphQLRequest(query, variables or {}, operation or None, is_read_only)


def _object(text: bytes, what: str) -> dict[str, Any]:
    parsed = _json(text, what)
    if isinstance(parsed, list):
        raise bad_input(f"{what} must be one request; batches are not served.")
    if not isinstance(parsed, dict):
        raise bad_input(f"{what} must be a JSON object.")
    return parsed


def _json(text: bytes, what: str) -> Any:  # noqa: ANN401 - it may be anything
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise bad_input(f"{what} must be JSON in UTF-8: {error}.") from None
