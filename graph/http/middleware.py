"""Adds an id, the version and security headers to responses, and handles unexpected errors.

It also redacts query strings in traces.
"""

import logging
import re
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.errors import Code
from graph.telemetry.tracing import redact_query
from storage.version import VERSION

_log = logging.getLogger(__name__)

VERSION_HEADER = "x-registry-version"
_HEADERS = Headers(
    {
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        VERSION_HEADER: VERSION,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
).raw
"""The default headers; a response that sets one of them keeps its own value."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_HTTPS_HEADER = b"strict-transport-security", b"max-age=31536000"


class ResponseMiddleware:
    """Gives each request an id, and each response headers; the outermost middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        redact_query(scope["query_string"])
        id_ = _get_request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = id_
        headers = [(b"x-request-id", id_.encode()), *_HEADERS]
        if scope["scheme"] == "https":
            headers.append(_HTTPS_HEADER)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(message, headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class ErrorMiddleware:
    """Answers unexpected errors; what is outside of it adds headers to these answers, too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request; an unexpected error is logged and answered with status 500."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_started = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception:  # noqa: BLE001 - the client gets the same response for all of them
            id_ = scope["state"]["request_id"]
            _log.exception("request %s failed", id_)
            if not has_started:
                await _create_error_response(id_)(scope, receive, send)


def _get_request_id(headers: Headers) -> str:
    """Return the request's own id if it is well-formed, else a new one.

    It is logged, so it must not be arbitrary text.
    """
    id_ = headers.get("x-request-id", "")
    return id_ if _REQUEST_ID.fullmatch(id_) else uuid4().hex


def _add_headers(message: Message, headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Add those headers that a response does not have."""
    own_headers = MutableHeaders(scope=message)
    if "access-control-allow-origin" in own_headers:
        own_headers["cross-origin-resource-policy"] = "cross-origin"
    names = {name for name, _ in own_headers.raw}
    own_headers.raw.extend(header for header in headers if header[0] not in names)


def _create_error_response(id_: str) -> Response:
    extensions: dict[str, Any] = {"code": Code.INTERNAL.value, "requestId": id_}
    content = {"errors": [{"message": "Internal server error.", "extensions": extensions}]}
    return Response(orjson.dumps(content), 500, media_type="application/json")
