"""Compresses responses for clients that accept gzip, long ones in threads."""

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from graph.http.accept import read_qualities

_MIN_BYTES = 1_000
"""A shorter response is one packet in any case."""
_MIN_THREAD_BYTES = 32_768
"""Compressing as much takes a millisecond, which others can wait for."""
_LEVEL = 5
"""Level 9 takes four times as long, for a tenth less."""


class CompressionMiddleware:
    """Compresses responses of some length except streams of events."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = GZipMiddleware(app, _MIN_BYTES, _LEVEL, _MIN_THREAD_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] == "http":
            scope = _simplify_accept_encoding(scope)
        await self._app(scope, receive, send)


def _simplify_accept_encoding(scope: Scope) -> Scope:
    """Let the header name gzip or nothing, because Starlette does not read its qualities."""
    simplified = {**scope}
    headers = MutableHeaders(scope=simplified)
    accepted = read_qualities(headers, "accept-encoding")
    is_accepted = accepted.get("gzip", accepted.get("*", 0.0)) > 0
    headers["accept-encoding"] = "gzip" if is_accepted else ""
    return simplified
