"""The endpoint `/schema.graphql`: the schema as a text, whatever `INTROSPECTION` says."""

import asyncio
from functools import cached_property
from hashlib import sha256

import strawberry
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from graph.auth.authenticator import Authenticator
from graph.auth.roles import Role
from graph.errors import RequestError
from graph.http.accept import read_list
from graph.http.authentication import authenticate
from graph.http.response import to_error_response
from graph.limits.rate_limit import RateLimiter, RequestRate
from graph.schema.build import to_sdl


class SchemaFile:
    """Returns the schema to callers with the role READ; caches ask only whether it changed."""

    def __init__(
        self, schema: strawberry.Schema, authenticator: Authenticator, rate_limiter: RateLimiter
    ) -> None:
        self._schema = schema
        self._authenticator = authenticator
        self._rate_limiter = rate_limiter

    async def handle(self, request: Request) -> Response:
        """Return the schema in GraphQL's schema definition language, or 304."""
        rate = RequestRate(self._rate_limiter)
        try:
            principal = await authenticate(request, self._authenticator, rate)
            principal.require_role(Role.READ)
            response = await self._respond(request)
        except RequestError as error:
            response = to_error_response(error, {})
        response.headers.update(rate.headers)
        return response

    async def _respond(self, request: Request) -> Response:
        sdl = await asyncio.to_thread(lambda: self._sdl)
        # Weak, because responses with it may be compressed.
        etag = f'W/"{sha256(sdl.encode()).hexdigest()}"'
        headers = {"etag": etag, "cache-control": "private, no-cache"}
        if _has_match(request, etag):
            return Response(status_code=304, headers=headers)
        return PlainTextResponse(sdl, headers=headers)

    @cached_property
    def _sdl(self) -> str:
        """The schema, which takes a while to print."""
        return to_sdl(self._schema)


def _has_match(request: Request, etag: str) -> bool:
    """Return whether the client has the schema; ETags are compared as weak ones."""
    tags = read_list(request.headers, "if-none-match")
    known = {tag.strip().removeprefix("W/") for tag in tags}
    return "*" in known or etag.removeprefix("W/") in known
