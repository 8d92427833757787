"""The `/graphql` endpoint: GraphQL over HTTP with POST, and with GET for queries."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from graph.auth.authenticator import Authenticator, Principal
from graph.auth.roles import Role
from graph.context import Context
from graph.errors import Code, RequestError, format_request_error, post_required
from graph.execution.graphql_request import GraphQLRequest
from graph.execution.pipeline import Pipeline
from graph.execution.subscription import Subscription
from graph.graphiql.page import render_explorer
from graph.http.accept import EVENT_STREAM, accepts_events, choose_media_type, prefers_html
from graph.http.authentication import authenticate
from graph.http.csrf import check_site
from graph.http.disconnect import run_until_disconnect
from graph.http.encoding import encode
from graph.http.request import from_body, from_query, has_many_parameters, read_body
from graph.http.response import format_cost, to_error_response, to_response
from graph.http.sse import EventStreams, to_event_response
from graph.limits.budget import BudgetExceededError, Budgets, RequestBudget
from graph.limits.concurrency import ArrivingBodies, ConcurrencyLimit
from graph.limits.rate_limit import RateLimiter, RequestRate
from graph.settings import Settings
from graph.telemetry.observation import RequestObservation
from graph.telemetry.request_stats import RequestStats
from storage.artifacts.changes import Attribution
from storage.deadline import deadline
from storage.search.matching_time import limit_matching
from storage.usage import current_usage

_CLIENT_CLOSED = 499
"""The status in logs and metrics of requests whose client did not wait, as in nginx's."""
_MAX_STRANGER_BYTES = 10_000
"""Of the body of a caller without a role, who may ask for `viewer` alone."""
_PARAMETERS = frozenset({"query", "documentId", "extensions"})
"""Those of a query string that say what to execute."""
_BYTES_OF_COST = 500
"""Of a body: one of 1 MB takes up to 40 ms to parse."""
ReadRequest = Callable[[Request, int, RequestRate], Awaitable[GraphQLRequest]]
"""Reads a request whose body has at most a number of bytes, and charges it."""


class _Execution(NamedTuple):
    """A request with all that its execution needs."""

    request: GraphQLRequest
    principal: Principal
    budget: RequestBudget
    rate: RequestRate


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Handles the requests to `/graphql`.

    Before a request is executed come the check against cross-site request forgery,
    authentication, the rate limit and the concurrency limit, in this order. The body is read
    before the last of them, so that slow clients do not use up the limit.
    """

    pipeline: Pipeline
    authenticator: Authenticator
    rate_limiter: RateLimiter
    concurrency_limit: ConcurrencyLimit
    arriving_bodies: ArrivingBodies
    budgets: Budgets
    settings: Settings
    observation: RequestObservation
    create_context: Callable[[], Context]
    streams: EventStreams

    async def handle(self, request: Request) -> Response:
        """Execute a request in a body of JSON or, with GET, in a query string.

        Browsers that open the endpoint without a query get the explorer.
        """
        if request.method == "POST":
            return await self._handle(request, self._read_post)
        if self.settings.explorer and _is_page_request(request):
            return render_explorer(request)
        return await self._handle(request, self._read_get)

    async def _read_post(
        self, request: Request, max_bytes: int, rate: RequestRate
    ) -> GraphQLRequest:
        body = await read_body(request, max_bytes, self.arriving_bodies)
        await rate.charge(len(body) // _BYTES_OF_COST, "Reading the body")
        return from_body(body)

    async def _read_get(self, request: Request, *_: object) -> GraphQLRequest:
        if not self.settings.queries_by_get:
            raise post_required("Requests")
        return from_query(request.scope["query_string"])

    async def _handle(self, request: Request, read_request: ReadRequest) -> Response:
        stats = RequestStats(request.state.request_id, request.method)
        current_usage.set(stats.store_usage)
        with self.observation.observe(stats), limit_matching():
            response = await self._respond(request, read_request, stats)
            stats.status = response.status_code
        return response

    async def _respond(
        self, request: Request, read_request: ReadRequest, stats: RequestStats
    ) -> Response:
        rate = RequestRate(self.rate_limiter)
        try:
            principal = await self._admit(request, rate)
            stats.caller = principal.actor
            end = asyncio.get_running_loop().time() + self.settings.request_seconds
            graphql_request = replace(
                await self._read(request, read_request, principal, end, rate),
                accepts_events=accepts_events(request),
                resume_after=request.headers.get("last-event-id"),
            )
            if (
                choose_media_type(request) == EVENT_STREAM
            ):  # browsers do not try again after a rejection
                await self.concurrency_limit.wait(end)
            with self.concurrency_limit.count_running():
                budget = self.budgets.create(end - asyncio.get_running_loop().time())
                execution = _Execution(graphql_request, principal, budget, rate)
                answer = await run_until_disconnect(
                    request,
                    self._execute_until(end, execution, stats),
                    may_cancel=lambda: stats.kind != "mutation",
                )
                if isinstance(answer, Subscription):
                    response = self.streams.open(request, principal, answer, rate, stats)
                else:
                    response = await self._to_response(request, answer, execution, stats)
        except ClientDisconnect:
            stats.codes = ()
            return Response(status_code=_CLIENT_CLOSED)
        except RequestError as error:
            stats.codes = (error.code.value,)
            response = to_error_response(error, self._format_cost(stats.cost, rate))
        response.headers.update(rate.headers)
        return response

    async def _admit(self, request: Request, rate: RequestRate) -> Principal:
        """Return the principal, and count the request.

        Raises:
            RequestError: The request is rejected.
        """
        if request.method != "POST":
            check_site(request, self.settings.cors_origins)
        principal = await authenticate(request, self.authenticator, rate)
        choose_media_type(request)  # before a mutation is executed
        return principal

    async def _read(
        self,
        request: Request,
        read_request: ReadRequest,
        principal: Principal,
        end: float,
        rate: RequestRate,
    ) -> GraphQLRequest:
        """Read a request until its time ends; a stranger's only if it is short and valid.

        Raises:
            RequestError: It is not a GraphQL request, too long or late; or the principal has
                no role, and needs one.
        """
        max_bytes = self.settings.max_body_bytes
        if is_stranger := not principal.role.covers(Role.READ):
            max_bytes = min(max_bytes, _MAX_STRANGER_BYTES)
        try:
            async with asyncio.timeout_at(end):
                return await read_request(request, max_bytes, rate)
        except RequestError:
            if is_stranger:
                principal.require_role(Role.READ)
            raise
        except TimeoutError:
            close = {"connection": "close"}
            raise self._deadline_exceeded("did not arrive", 408, close) from None

    async def _execute_until(
        self, end: float, execution: _Execution, stats: RequestStats
    ) -> dict[str, Any] | Subscription:
        request, principal, budget, rate = execution
        context = self.create_context()
        context.principal = principal
        context.attribution = Attribution(
            principal.actor, stats.request_id, principal.url_prefixes
        )
        context.set_budget(budget)
        try:
            with deadline(self.settings.store_seconds):
                async with asyncio.timeout_at(end) as context.deadline:
                    return await self.pipeline(request, principal, context, stats, rate.charge)
        except TimeoutError:
            raise self._deadline_exceeded("was not answered", 504) from None

    async def _to_response(
        self,
        request: Request,
        answer: dict[str, Any],
        execution: _Execution,
        stats: RequestStats,
    ) -> Response:
        """Encode an answer, or in place of one that is too long, an error.

        Answers of mutations are never too long: what was written must be told.
        """
        stats.record_errors(answer.get("errors", ()))
        content = {**answer, "extensions": self._format_cost(stats.cost, execution.rate)}
        if self._is_explained(request, execution.principal):
            content["extensions"]["store"] = stats.format_store_usage()
        budget = execution.budget
        try:
            body = await encode(content, budget, is_limited=stats.kind == "query")
        except BudgetExceededError as error:
            content["errors"] = [format_request_error(error)]
            del content["data"]
            stats.record_errors(content["errors"])
            body = await encode(content, budget, is_limited=False)
        if choose_media_type(request) == EVENT_STREAM:
            return to_event_response(body)
        return to_response(request, body, was_executed="data" in content)

    def _deadline_exceeded(
        self, what: str, status: int, headers: Mapping[str, str] | None = None
    ) -> RequestError:
        message = f"The request {what} within {self.settings.request_seconds:g} s."
        return RequestError(Code.DEADLINE_EXCEEDED, message, headers, status=status)

    def _is_explained(self, request: Request, principal: Principal) -> bool:
        """Return whether the response reports the use of the store."""
        is_requested = request.headers.get("x-explain", "").strip().lower() == "store"
        return is_requested and principal.role.covers(self.settings.explain_role)

    def _format_cost(self, requested: int, rate: RequestRate) -> dict[str, Any]:
        return format_cost(requested, self.settings.max_query_cost, rate)


def _is_page_request(request: Request) -> bool:
    is_short = not has_many_parameters(request.scope["query_string"])
    return is_short and _PARAMETERS.isdisjoint(request.query_params) and prefers_html(request)
