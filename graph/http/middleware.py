"""What every answer carries: the request's id and security headers; and no unexpected error."""

import logging
import re
from typing import Any
from uuid import uuid4

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.errors import Code

_log = logging.getLogger(__name__)

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""What an answer carries unless it says otherwise."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_HTTPS = {"strict-transport-security": "max-age=31536000"}


class ResponseMiddleware:
    """The outermost layer of the server."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, whatever happens."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        id_ = scope.setdefault("state", {})["request_id"] = _id(Headers(scope=scope))
        headers = {"x-request-id": id_, **_HEADERS}
        if scope["scheme"] == "https":
            headers |= _HTTPS
        begun = False

        async def send_on(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                _add(message, headers)
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        except Exception:  # noqa: BLE001 - whatever it is, the client is told just one thing
            _log.exception("request %s failed", id_)
            if not begun:
                await _internal(id_)(scope, receive, send_on)


def _id(headers: Headers) -> str:
    """The id that the request came with, or a new one: any text is not let into logs."""
    given = headers.get("x-request-id", "")
    return given if _ID.fullmatch(given) else uuid4().hex


def _add(message: Message, headers: dict[str, str]) -> None:
    carried = MutableHeaders(scope=message)
    for name, value in headers.items():
        carried.setdefault(name, value)


def _internal(id_: str) -> Response:
    extensions: dict[str, Any] = {"code": Code.INTERNAL.value, "requestId": id_}
    content = {"errors": [{"message": "Something went wrong.", "extensions": extensions}]}
    return Response(orjson.dumps(content), 500, media_type="application/json")
