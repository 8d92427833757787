"""Reads the rest of a body before the response to it, which the client could miss otherwise.

A server that closes a connection with unread data resets it, and the client may lose the
response. Many clients also send all of a body before they look for a response.
"""

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MAX_BYTES = 50_000_000
"""Bytes of one body that are read and dropped; then the connection is closed."""


class UnreadBodyMiddleware:
    """Delays responses to requests with a body until all of it has arrived.

    After a number of seconds, or if the body is huge, the response is sent anyway, as it is to
    clients that wait for permission to send the body.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http" or not _has_body(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        body = _Body(receive, Headers(scope=scope))

        async def send_after_body(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if "connection" not in headers and not await body.drop_rest(self._seconds):
                    headers["connection"] = "close"
            await send(message)

        await self._app(scope, body.receive, send_after_body)


class _Body:
    """A body that is being received."""

    def __init__(self, receive: Receive, headers: Headers) -> None:
        self._receive = receive
        self._is_expected = headers.get("expect", "").lower() != "100-continue"
        self._is_complete = False

    async def receive(self) -> Message:
        """Receive a part of the body, which permits the client to send it."""
        self._is_expected = True
        message = await self._receive()
        self._is_complete = not message.get("more_body", False)
        return message

    async def drop_rest(self, seconds: float) -> bool:
        """Receive what is left, and return whether all has arrived."""
        left = _MAX_BYTES
        try:
            async with asyncio.timeout(seconds):
                while self._is_expected and not self._is_complete and left > 0:
                    left -= len((await self.receive()).get("body", b""))
        except TimeoutError:
            return False
        return self._is_complete


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
