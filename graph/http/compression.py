"""Compresses responses for clients that accept gzip, long ones in threads."""

import asyncio

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipResponder, IdentityResponder
from starlette.types import ASGIApp, Receive, Scope, Send

from graph.http.accept import read_qualities

_MIN_BYTES = 1_000
"""A shorter response is one packet in any case."""
_MIN_THREAD_BYTES = 32_768
"""Compressing as much takes a millisecond, which others can wait for."""
_LEVEL = 5
"""Level 9 takes four times as long, for a tenth less."""
_LONG_BYTES = 1_000_000
_LEVEL_OF_LONG = 1
"""Of 10 MB, level 5 takes 0.4 s and level 1 0.16 s, for a tenth more."""
_MAX_LONG = 2
"""Long responses that are compressed at the same time."""


class CompressionMiddleware:
    """Compresses responses of some length except streams of events."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._turns = asyncio.Semaphore(_MAX_LONG)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Starlette's middleware does not read the header's qualities.
        accepted = read_qualities(Headers(scope=scope), "accept-encoding")
        is_accepted = accepted.get("gzip", accepted.get("*", 0.0)) > 0
        responder = (
            _Responder(self._app, self._turns)
            if is_accepted
            else IdentityResponder(self._app, _MIN_BYTES)
        )
        await responder(scope, receive, send)


class _Responder(GZipResponder):
    """Compresses one response: a long one less, and only a few at the same time."""

    def __init__(self, app: ASGIApp, turns: asyncio.Semaphore) -> None:
        super().__init__(app, _MIN_BYTES, _LEVEL, thread_minimum_size=_MIN_THREAD_BYTES)
        self._turns = turns

    async def apply_compression(self, body: bytes, *, more_body: bool) -> bytes:
        """Compress a part of the body."""
        if len(body) < _LONG_BYTES:
            return await super().apply_compression(body, more_body=more_body)
        self.compresslevel = _LEVEL_OF_LONG
        async with self._turns:
            return await super().apply_compression(body, more_body=more_body)
