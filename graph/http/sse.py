"""Server-sent events: GraphQL over SSE, distinct connections mode.

The protocol is that of graphql-sse. Besides, each event has its cursor as id: a browser's
`EventSource` sends that of the last one when it connects again.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from graph.auth.authenticator import Principal, token_expired
from graph.context import Context
from graph.errors import Code, RequestError, format_request_error
from graph.execution.subscription import Event, EventContext, Subscription
from graph.http.accept import EVENT_STREAM
from graph.http.disconnect import run_until_disconnect
from graph.http.encoding import encode
from graph.http.response import format_cost
from graph.limits.budget import BudgetExceededError, Budgets
from graph.limits.open_subscriptions import OpenSubscriptions
from graph.limits.rate_limit import RequestRate, identify_caller
from graph.settings import Settings
from graph.telemetry.observation import Observation
from graph.telemetry.request_stats import RequestStats
from graph.telemetry.subscription_stats import SubscriptionStats
from storage.usage import current_usage

_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
"""Neither caches nor proxies such as nginx may hold events back."""
_OPENING = b":\n\n"
"""A comment, so that proxies send the head of the response before the first event."""
_COMPLETE = b"event: complete\ndata:\n\n"
"""With empty data, without which a browser's `EventSource` would not see it."""


def to_event_response(body: bytes) -> Response:
    """Convert an encoded GraphQL response to a stream with that event alone."""
    content = _format_event(body) + _COMPLETE
    return Response(content, headers=_HEADERS, media_type=EVENT_STREAM)


@dataclass(slots=True)
class EventStreams:
    """The open subscriptions of this process, which end together when it is stopped."""

    places: OpenSubscriptions
    observation: Observation[SubscriptionStats]
    budgets: Budgets
    settings: Settings
    create_context: Callable[[], Context]
    is_stopping: bool = False
    _timeouts: set[asyncio.Timeout] = field(default_factory=set)

    def open(
        self,
        request: Request,
        principal: Principal,
        subscription: Subscription,
        rate: RequestRate,
        stats: RequestStats,
    ) -> Response:
        """Return the response that sends the events of a subscription, whose request ends.

        Raises:
            RequestError: There are too many subscriptions, or the server is being stopped.
        """
        if self.is_stopping:
            message = "The server is stopping; try again."
            raise RequestError(Code.UNAVAILABLE, message, {"retry-after": "1"})
        caller = identify_caller(principal, request)
        self.places.take_place(caller)
        stats.codes = ()
        context = EventContext(
            stats.request_id,
            self.create_context,
            lambda: self.budgets.create(self.settings.request_seconds),
            rate.charge,
        )
        sender = _EventSender(
            subscription,
            context,
            SubscriptionStats.from_request(stats),
            self.settings.max_query_cost,
            rate,
        )
        return EventStreamResponse(self, sender, caller, principal.expires)

    def end_all(self) -> None:
        """End all streams, and accept no more."""
        self.is_stopping = True
        for timeout in self._timeouts:
            if not timeout.expired():
                timeout.reschedule(asyncio.get_running_loop().time())

    def add(self, timeout: asyncio.Timeout) -> None:
        """Let a timeout expire when the server is stopped."""
        self._timeouts.add(timeout)
        if self.is_stopping:
            timeout.reschedule(asyncio.get_running_loop().time())

    def remove(self, timeout: asyncio.Timeout) -> None:
        """Do nothing with a timeout any more."""
        self._timeouts.discard(timeout)


@dataclass(frozen=True, slots=True)
class _EventSender:
    """Sends the events of one subscription.

    The next is read only after one was sent, so that none wait for a slow client.
    """

    subscription: Subscription
    context: EventContext
    stats: SubscriptionStats
    max_cost: int
    rate: RequestRate

    async def send_all(self, send: Send) -> None:
        """Send events until there are no more, or one is too long: its changes are not lost."""
        async with aclosing(self.subscription.iterate_events(self.context)) as events:
            async for event in events:
                self.stats.record_errors(event.content.get("errors", ()))
                try:
                    body = await self._encode(event)
                except BudgetExceededError as error:
                    await _send(send, self._format_error(error))
                    return
                await _send(send, body)
                self.stats.record_event(event.cost, event.changes)

    async def send_end(self, send: Send, error: RequestError | None = None) -> None:
        """Send the end of the stream, after an error if there is one."""
        end = self._format_error(error) if error else b""
        await _send(send, end + _COMPLETE, more_body=False)

    async def _encode(self, event: Event) -> bytes:
        extensions = format_cost(event.cost, self.max_cost, self.rate)
        content = {**event.content, "extensions": extensions}
        return _format_event(await encode(content, event.budget, is_limited=True), event.cursor)

    def _format_error(self, error: RequestError) -> bytes:
        errors = [format_request_error(error)]
        self.stats.record_errors(errors)
        return _format_event(orjson.dumps({"errors": errors}))


class EventStreamResponse(Response):
    """The response to a subscription: a stream of events until the client leaves."""

    media_type = EVENT_STREAM

    def __init__(
        self, streams: EventStreams, sender: _EventSender, caller: str, expires: float | None
    ) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers(_HEADERS)
        self._streams = streams
        self._sender = sender
        self._caller = caller
        self._expires = expires

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events; a client that disconnects is noticed at once."""
        stats = self._sender.stats
        current_usage.set(stats.store_usage)
        try:
            with self._streams.observation.observe(stats), suppress(ClientDisconnect):
                await send(
                    {
                        "type": "http.response.start",
                        "status": self.status_code,
                        "headers": self.raw_headers,
                    }
                )
                work = self._send_stream(send)
                await run_until_disconnect(Request(scope, receive), work, lambda: True)
        finally:
            self._streams.places.free_place(self._caller)

    async def _send_stream(self, send: Send) -> None:
        """Send events until there are no more, the token expires or the server is stopped."""
        error = None
        try:
            async with asyncio.timeout_at(self._find_end()) as timeout:
                self._streams.add(timeout)
                try:
                    await _send(send, _OPENING)
                    await self._sender.send_all(send)
                finally:
                    self._streams.remove(timeout)
        except TimeoutError:
            error = None if self._streams.is_stopping else token_expired()
        await self._sender.send_end(send, error)

    def _find_end(self) -> float | None:
        """Return the time of the event loop at which the caller's token expires."""
        if self._expires is None:
            return None
        return asyncio.get_running_loop().time() + self._expires - time.time()


async def _send(send: Send, body: bytes, *, more_body: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more_body})


def _format_event(body: bytes, id_: str | None = None) -> bytes:
    """Format the event `next`; JSON as it is encoded here has no line ends."""
    id_line = b"" if id_ is None else b"id: " + id_.encode() + b"\n"
    return b"event: next\n" + id_line + b"data: " + body + b"\n\n"
