"""The `/graphql` endpoint: GraphQL over HTTP with POST, and with GET for queries."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from graph.auth.authenticator import Authenticator, Principal
from graph.auth.roles import Role
from graph.context import Context
from graph.errors import Code, RequestError, post_required
from graph.execution.pipeline import GraphQLRequest, Pipeline
from graph.graphiql.page import render_explorer
from graph.http.host_check import check_host
from graph.http.request import from_body, from_query, read_body
from graph.http.response import read_accept_header, to_error_response, to_response
from graph.limits.concurrency import ConcurrencyLimit
from graph.limits.rate_limit import RateLimiter, identify_caller
from graph.settings import Settings
from graph.telemetry.observation import RequestObservation
from graph.telemetry.request_stats import RequestStats
from storage.artifacts.changes import Attribution
from storage.deadline import deadline
from storage.usage import current_usage

ReadRequest = Callable[[Request], Awaitable[GraphQLRequest]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Handles the requests to `/graphql`.

    Before a request is executed come the host check, authentication, the rate limit and the
    concurrency limit, in this order. The body is read before the last of them, so that slow
    clients do not use up the limit.
    """

    pipeline: Pipeline
    authenticator: Authenticator
    rate_limiter: RateLimiter | None
    concurrency_limit: ConcurrencyLimit
    settings: Settings
    observation: RequestObservation
    create_context: Callable[[], Context]
    is_host_checked: bool
    """True if anonymous callers may write."""

    async def handle_post(self, request: Request) -> Response:
        """Execute a request whose body is JSON."""
        return await self._handle(request, self._read_post)

    async def handle_get(self, request: Request) -> Response:
        """Execute the query in a query string; without one, show browsers the explorer."""
        if self.settings.explorer and _is_page_request(request):
            return render_explorer(request)
        return await self._handle(request, self._read_get)

    async def _read_post(self, request: Request) -> GraphQLRequest:
        return from_body(await read_body(request, self.settings.max_body_bytes))

    async def _read_get(self, request: Request) -> GraphQLRequest:
        if not self.settings.queries_by_get:
            raise post_required("Requests")
        return from_query(request.scope["query_string"])

    async def _handle(self, request: Request, read_request: ReadRequest) -> Response:
        stats = RequestStats(request.state.request_id, request.method)
        current_usage.set(stats.store_usage)
        with self.observation.observe(stats):
            response = await self._respond(request, read_request, stats)
            stats.status = response.status_code
        return response

    async def _respond(
        self, request: Request, read_request: ReadRequest, stats: RequestStats
    ) -> Response:
        headers: dict[str, str] = {}
        try:
            principal = await self._admit(request, headers)
            answer = await self._execute(request, read_request, principal, stats)
        except RequestError as error:
            stats.codes = (error.code.value,)
            response = to_error_response(error, self._format_cost(0))
        else:
            stats.record_errors(answer.get("errors", ()))
            response = to_response(request, self._format_content(request, answer, stats))
        response.headers.update(headers)
        return response

    async def _admit(self, request: Request, headers: dict[str, str]) -> Principal:
        """Return the principal, and add the rate limit to the headers of the response.

        Raises:
            RequestError: The request is rejected.
        """
        if self.is_host_checked:
            check_host(request)
        try:
            authorization = request.headers.getlist("authorization")
            principal = await self.authenticator.authenticate(authorization)
        except RequestError:
            # Wrong tokens count too, or they could be guessed at any rate.
            await self._count_request(request, None)
            raise
        headers |= await self._count_request(request, principal)
        principal.require_role(Role.READ)
        return principal

    async def _count_request(
        self, request: Request, principal: Principal | None
    ) -> Mapping[str, str]:
        if self.rate_limiter is None:
            return {}
        return await self.rate_limiter.count_request(identify_caller(principal, request))

    async def _execute(
        self,
        request: Request,
        read_request: ReadRequest,
        principal: Principal,
        stats: RequestStats,
    ) -> dict[str, Any]:
        end = asyncio.get_running_loop().time() + self.settings.request_seconds
        try:
            async with asyncio.timeout_at(end):
                graphql_request = await read_request(request)
        except TimeoutError:
            close = {"connection": "close"}
            raise self._deadline_exceeded("did not arrive", 408, close) from None
        with self.concurrency_limit.count_running():
            context = self.create_context()
            context.attribution = Attribution(principal.actor, stats.request_id)
            try:
                with deadline(self.settings.store_seconds):
                    async with asyncio.timeout_at(end) as context.deadline:
                        return await self.pipeline(graphql_request, principal, context, stats)
            except TimeoutError:
                raise self._deadline_exceeded("was not answered", 504) from None

    def _deadline_exceeded(
        self, what: str, status: int, headers: Mapping[str, str] | None = None
    ) -> RequestError:
        message = f"The request {what} within {self.settings.request_seconds:g} s."
        return RequestError(Code.DEADLINE_EXCEEDED, message, headers, status=status)

    def _format_content(
        self, request: Request, answer: dict[str, Any], stats: RequestStats
    ) -> dict[str, Any]:
        extensions = self._format_cost(stats.cost)
        if request.headers.get("x-explain", "").strip().lower() == "store":
            extensions["store"] = stats.format_store_usage()
        return {**answer, "extensions": extensions}

    def _format_cost(self, requested: int) -> dict[str, Any]:
        cost = {"requested": requested, "maximum": self.settings.max_query_cost}
        return {"cost": cost}


def _is_page_request(request: Request) -> bool:
    return "query" not in request.query_params and "text/html" in read_accept_header(request)
