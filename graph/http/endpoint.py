"""The /graphql endpoint: GraphQL over HTTP, by POST, and by GET for what only reads."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from graph.auth.authenticator import Principal
from graph.context import Context
from graph.errors import Code, RequestError, must_be_posted
from graph.execution.pipeline import GraphQLRequest, Pipeline
from graph.graphiql.page import explorer
from graph.http.entrance import Entrance
from graph.http.request import from_body, from_query, read_body
from graph.http.response import accepted, to_error_response, to_response
from graph.settings import Settings
from graph.telemetry.observers import RequestObservation
from graph.telemetry.request_stats import RequestStats
from storage.deadline import deadline
from storage.usage import current_usage

Read = Callable[[Request], Awaitable[GraphQLRequest]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Answers what is asked at /graphql."""

    execution: Pipeline
    entrance: Entrance
    settings: Settings
    watch: RequestObservation
    context: Callable[[], Context]

    async def post(self, request: Request) -> Response:
        """Execute a request that came as a JSON body."""
        return await self._respond(request, self._posted)

    async def get(self, request: Request) -> Response:
        """Execute a query that came as a query string; without one, show the explorer."""
        if self.settings.explorer and _from_a_browser(request):
            return explorer(request)
        return await self._respond(request, self._queried)

    async def _posted(self, request: Request) -> GraphQLRequest:
        return from_body(await read_body(request, self.settings.max_body_bytes))

    async def _queried(self, request: Request) -> GraphQLRequest:
        if not self.settings.queries_by_get:
            raise must_be_posted("Requests")
        return from_query(request.scope["query_string"])

    async def _respond(self, request: Request, read: Read) -> Response:
        stats = RequestStats(request.state.request_id, request.method)
        current_usage.set(stats.meter)
        with self.watch(stats):
            response = await self._response(request, read, stats)
            stats.status = response.status_code
        return response

    async def _response(self, request: Request, read: Read, stats: RequestStats) -> Response:
        fields: dict[str, str] = {}
        try:
            caller = await self.entrance.caller(request, fields)
            answer = await self._answer(request, read, caller, stats)
        except RequestError as error:
            stats.codes = (error.code.value,)
            response = to_error_response(error, self._cost(0))
        else:
            stats.failed(answer.get("errors", ()))
            response = to_response(request, self._content(request, answer, stats))
        response.headers.update(fields)
        return response

    async def _answer(
        self, request: Request, read: Read, caller: Principal, stats: RequestStats
    ) -> dict[str, Any]:
        end = asyncio.get_running_loop().time() + self.settings.request_seconds
        try:
            async with asyncio.timeout_at(end):
                asked = await read(request)
        except TimeoutError:
            raise self._late("did not arrive", 408, {"connection": "close"}) from None
        with self.entrance.place():
            context = self.context()
            try:
                with deadline(self.settings.store_seconds):
                    async with asyncio.timeout_at(end) as context.deadline:
                        return await self.execution(asked, caller, context, stats)
            except TimeoutError:
                raise self._late("was not answered", 504, {}) from None

    def _late(self, what: str, status: int, headers: Mapping[str, str]) -> RequestError:
        message = f"The request {what} within {self.settings.request_seconds:g} s."
        return RequestError(Code.DEADLINE_EXCEEDED, message, headers, status=status)

    def _content(
        self, request: Request, answer: dict[str, Any], stats: RequestStats
    ) -> dict[str, Any]:
        extensions = self._cost(stats.cost)
        if request.headers.get("x-explain", "").strip().lower() == "store":
            extensions["store"] = stats.spent()
        return {**answer, "extensions": extensions}

    def _cost(self, requested: int) -> dict[str, Any]:
        cost = {"requested": requested, "maximum": self.settings.max_query_cost}
        return {"cost": cost}


def _from_a_browser(request: Request) -> bool:
    return "query" not in request.query_params and "text/html" in accepted(request)
