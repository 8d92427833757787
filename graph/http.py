"""The /graphql endpoint: GraphQL over HTTP, by POST, and by GET for what only reads."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import orjson
from starlette.requests import Request
from starlette.responses import Response

from graph.context import Context
from graph.errors import Code, RequestError, refused
from graph.execution import Answer, Execution, MustBePostedError
from graph.explorer.page import explorer
from graph.request import (
    BodyTooLargeError,
    GraphQLRequest,
    from_body,
    from_query,
    read_body,
)
from graph.settings import Settings
from storage.deadline import set_deadline
from storage.meter import Meter, current_meter

_JSON = "application/json"
_GRAPHQL_JSON = "application/graphql-response+json"


class Endpoint:
    """Answers what is asked at /graphql."""

    def __init__(
        self, execution: Execution, settings: Settings, context: Callable[[], Context]
    ) -> None:
        self._execution = execution
        self._settings = settings
        self._context = context

    async def post(self, request: Request) -> Response:
        """Execute a request that came as a JSON body."""
        content_type = request.headers.get("content-type", "")
        if content_type.partition(";")[0].strip().lower() != _JSON:
            # Forms of other sites can post without asking, but not with this type.
            return self._refuse(415, f"The body must be {_JSON}.")
        try:
            body = await read_body(request, self._settings.max_body_bytes)
            asked = from_body(body)
        except BodyTooLargeError:
            most = self._settings.max_body_bytes
            return self._refuse(413, f"The body must have at most {most:,} bytes.")
        except RequestError as error:
            return self._refuse(400, error.message)
        return await self._answer(request, asked)

    async def get(self, request: Request) -> Response:
        """Execute a query that came as a query string; without one, show the explorer."""
        if "query" not in request.query_params and "text/html" in _accept(request):
            return explorer()
        try:
            return await self._answer(request, from_query(request.query_params))
        except RequestError as error:
            return self._refuse(400, error.message)
        except MustBePostedError:
            refusal = self._refuse(405, "Only queries can be sent with GET; use POST.")
            refusal.headers["allow"] = "POST"
            return refusal

    async def _answer(self, request: Request, asked: GraphQLRequest) -> Response:
        meter = Meter()
        current_meter.set(meter)
        set_deadline(self._settings.store_seconds)
        answer = await self._execution(asked, self._context(), uuid4().hex)
        content = self._with_cost(answer)
        if request.headers.get("x-explain", "").strip().lower() == "store":
            content["extensions"]["store"] = _spent(meter)
        return _response(request, content)

    def _with_cost(self, answer: Answer) -> dict[str, Any]:
        cost = {"requested": answer.cost, "maximum": self._settings.max_query_cost}
        deprecations = {"deprecations": answer.deprecations} if answer.deprecations else {}
        return {**answer.content, "extensions": {"cost": cost, **deprecations}}

    def _refuse(self, status: int, message: str) -> Response:
        error = refused(RequestError(Code.BAD_USER_INPUT, message))
        content = self._with_cost(Answer({"errors": [error]}))
        return Response(orjson.dumps(content), status, media_type=_JSON)


def _response(request: Request, content: dict[str, Any]) -> Response:
    """The answer in the media type that was asked for, which decides about its status.

    Clients that know `application/graphql-response+json` see in the status whether the
    request was executed; to others every GraphQL answer is a 200, as it always was.
    """
    knows = _GRAPHQL_JSON in _accept(request)
    status = 400 if knows and "data" not in content else 200
    media_type = f"{_GRAPHQL_JSON if knows else _JSON}; charset=utf-8"
    return Response(orjson.dumps(content), status, media_type=media_type)


def _accept(request: Request) -> str:
    return request.headers.get("accept", "").lower()


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
