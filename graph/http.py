"""The /graphql endpoint: GraphQL over HTTP, by POST, and by GET for what only reads."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from graph.auth.callers import Callers
from graph.auth.roles import Role
from graph.context import Context
from graph.errors import RequestError
from graph.execution import Execution
from graph.explorer.page import explorer
from graph.request import GraphQLRequest, from_body, from_query, read_body
from graph.responses import accepted, answered, refusal
from graph.settings import Settings
from storage.deadline import set_deadline
from storage.meter import Meter, current_meter


class Endpoint:
    """Answers what is asked at /graphql."""

    def __init__(
        self,
        execution: Execution,
        callers: Callers,
        settings: Settings,
        context: Callable[[], Context],
    ) -> None:
        self._execution = execution
        self._callers = callers
        self._settings = settings
        self._context = context

    async def post(self, request: Request) -> Response:
        """Execute a request that came as a JSON body."""

        async def read() -> GraphQLRequest:
            return from_body(await read_body(request, self._settings.max_body_bytes))

        return await self._respond(request, read)

    async def get(self, request: Request) -> Response:
        """Execute a query that came as a query string; without one, show the explorer."""
        if "query" not in request.query_params and "text/html" in accepted(request):
            return explorer()

        async def read() -> GraphQLRequest:
            return from_query(request.query_params)

        return await self._respond(request, read)

    async def _respond(
        self, request: Request, read: Callable[[], Awaitable[GraphQLRequest]]
    ) -> Response:
        try:
            caller = await self._callers.of(request.headers.getlist("authorization"))
            caller.require(Role.READ)
            asked = await read()
            meter = Meter()
            current_meter.set(meter)
            set_deadline(self._settings.store_seconds)
            answer = await self._execution(asked, caller, self._context(), uuid4().hex)
        except RequestError as error:
            return refusal(error, self._cost(0))
        extensions = self._cost(answer.cost)
        if answer.deprecations:
            extensions["deprecations"] = answer.deprecations
        if request.headers.get("x-explain", "").strip().lower() == "store":
            extensions["store"] = _spent(meter)
        return answered(request, {**answer.content, "extensions": extensions})

    def _cost(self, requested: int) -> dict[str, Any]:
        cost = {"requested": requested, "maximum": self._settings.max_query_cost}
        return {"cost": cost}


def _spent(meter: Meter) -> dict[str, float | list[str]]:
    return {
        "calls": meter.calls,
        "roundTrips": meter.round_trips,
        "readUnits": meter.read_units,
        "writeUnits": meter.write_units,
        "itemsRead": meter.items_read,
        "itemsReturned": meter.items_returned,
        "indexes": sorted(meter.indexes),
    }
