"""Parsing of GraphQL requests from JSON bodies and query strings."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import ClientDisconnect, Request

from graph.errors import Code, RequestError, bad_input
from graph.execution.graphql_request import GraphQLRequest
from graph.http.accept import JSON
from graph.limits.concurrency import ArrivingBodies

_MAX_CONTAINERS = 40_000
"""The most lists and objects of a body: more take longer than 20 ms to create, during which
nothing else can run, in no thread. The variables may have half as many."""
_MAX_PARAMETERS = 100
"""Of a query string."""


async def read_body(request: Request, max_bytes: int, arriving: ArrivingBodies) -> bytes:
    """Read the body of a request.

    Raises:
        RequestError: It is not JSON, or too long, or too many bodies are arriving; then the
            rest of it is not read.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != JSON:
        # Forms of other websites can send a POST without a CORS preflight, but not as JSON.
        raise RequestError(Code.BAD_USER_INPUT, f"The Content-Type must be {JSON}.", status=415)
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        message = "The body must not be compressed: send it without a Content-Encoding."
        headers = {"accept-encoding": "identity"}
        raise RequestError(Code.BAD_USER_INPUT, message, headers, status=415)
    too_long = RequestError(
        Code.BAD_USER_INPUT, f"The body must have at most {max_bytes:,} bytes.", status=413
    )
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes:
        raise too_long
    body = bytearray()
    try:
        with arriving.count_bytes() as count:
            async for chunk in request.stream():
                count(len(chunk))
                body += chunk
                if len(body) > max_bytes:
                    raise too_long
    except ClientDisconnect:
        raise bad_input("The connection was closed before the end of the body.") from None
    return bytes(body)


def from_body(body: bytes) -> GraphQLRequest:
    """Parse a JSON body.

    Raises:
        RequestError: It is not a GraphQL request.
    """
    if body.count(b"[") + body.count(b"{") > _MAX_CONTAINERS:
        message = f"The body must have at most {_MAX_CONTAINERS:,} lists and objects."
        raise RequestError(Code.BAD_USER_INPUT, message, status=413)
    return _to_request(_parse_object(body, "The body"), is_read_only=False)


def from_query(query_string: bytes) -> GraphQLRequest:
    """Parse a query string.

    Raises:
        RequestError: It is not a GraphQL request.
    """
    if has_many_parameters(query_string):
        raise bad_input(f"The query string must have at most {_MAX_PARAMETERS} parameters.")
    try:
        text = query_string.decode()
        members: dict[str, Any] = dict(parse_qsl(text, keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        raise bad_input("The query string must be in UTF-8.") from None
    for name in ("variables", "extensions"):
        text = members.pop(name, "")
        if text:
            members[name] = _parse_json(text.encode(), f"`{name}`")
    return _to_request(members, is_read_only=True)


def has_many_parameters(query_string: bytes) -> bool:
    """Return whether a query string has too many parameters to be looked at."""
    return query_string.count(b"&") >= _MAX_PARAMETERS


def _to_request(members: Mapping[str, Any], *, is_read_only: bool) -> GraphQLRequest:
    query, document_id = members.get("query"), _read_document_id(members)
    if not isinstance(query, str) and (query is not None or document_id is None):
        raise bad_input("`query` must be a string.")
    variables = members.get("variables")
    if not isinstance(variables, dict | None):
        raise bad_input("`variables` must be an object.")
    operation = members.get("operationName")
    if not isinstance(operation, str | None):
        raise bad_input("`operationName` must be a string.")
    if not isinstance(members.get("extensions"), dict | None):
        raise bad_input("`extensions` must be an object.")
    return GraphQLRequest(query, document_id, variables or {}, operation or None, is_read_only)


def _read_document_id(members: Mapping[str, Any]) -> str | None:
    """Return the id of a trusted document, also if it is sent as Apollo's clients do.

    In the extension for automatic persisted queries, a hash of the document is its id.
    """
    document_id = members.get("documentId")
    if not isinstance(document_id, str | None):
        raise bad_input("`documentId` must be a string.")
    match members.get("extensions"):
        case {"persistedQuery": {"sha256Hash": str(hash_)}} if not document_id:
            return hash_
    return document_id or None


def _parse_object(text: bytes, subject: str) -> dict[str, Any]:
    value = _parse_json(text, subject)
    if isinstance(value, list):
        raise bad_input(f"{subject} must be one request; batches are not supported.")
    if not isinstance(value, dict):
        raise bad_input(f"{subject} must be a JSON object.")
    return value


def _parse_json(text: bytes, subject: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise bad_input(f"{subject} must be JSON in UTF-8: {error}.") from None
