"""HTTP connections with time and size limits, which uvicorn's own protocol does not have."""

import asyncio
import socket
import struct
import sys
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from graph.errors import Code, RequestError
from graph.http.dependencies import require_attributes
from graph.http.response import to_error_response

_MAX_HEAD_BYTES = 65_536
_MAX_FIELDS = 200
_FIELD_BYTES = len(b": \r\n")
"""Of a field, besides its name and its value."""
_MAX_PIPELINED_REQUESTS = 100
_INVALID = RequestError(Code.BAD_USER_INPUT, "The request is not valid HTTP.")
_TOO_MANY = RequestError(
    Code.BAD_USER_INPUT, "Too many requests of the connection wait for an answer."
)
_HEAD_TOO_LARGE = RequestError(
    Code.BAD_USER_INPUT,
    f"The head of a request must have at most {_MAX_HEAD_BYTES:,} bytes and {_MAX_FIELDS}"
    " fields.",
    status=HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
)
_LINGER_FORMAT = "hh" if sys.platform == "win32" else "ii"
_NO_LINGER = struct.pack(_LINGER_FORMAT, 1, 0)

require_attributes(
    HttpToolsProtocol,
    [
        "connection_made",
        "data_received",
        "send_400_response",
        "on_message_begin",
        "on_header",
        "on_headers_complete",
        "pause_writing",
        "resume_writing",
        "on_response_complete",
        "timeout_keep_alive_handler",
        "shutdown",
        "connection_lost",
    ],
    "uvicorn",
)


class LimitedHttpProtocol(HttpToolsProtocol):
    """A connection that is dropped if the client is too slow or sends too much.

    The head of a request must arrive within `head_seconds`, and the client must read what is
    sent to it within the time that a connection may be idle. The endpoint limits the time and
    the size of bodies.

    What is counted is counted while it is parsed: tens of thousands of fields or requests can
    arrive at once.
    """

    def __init__(self, *arguments: Any, head_seconds: float, **options: Any) -> None:  # noqa: ANN401 - uvicorn's
        super().__init__(*arguments, **options)
        self._head_seconds = head_seconds
        self._head_bytes = 0
        """Received of a head that is not complete."""
        self._fields = self._field_bytes = 0
        self._is_in_head = True
        self._problem = _INVALID
        self._timer: asyncio.TimerHandle | None = None
        self._cycles: list[RequestResponseCycle] = []
        """The request that is being answered, and those after it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvicorn narrows it too
        """Start the timer for the first head, and that of the system for what is sent."""
        super().connection_made(transport)
        self._limit_unacknowledged()
        self._start_timer(self._head_seconds)

    def data_received(self, data: bytes) -> None:
        """Parse data, and stop the timer if a head is complete."""
        super().data_received(data)
        if not self.flow.write_paused and not self.transport.is_closing():
            self._check_head(len(data))

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - it names no cause
        """Tell why the request cannot be parsed, and close the connection."""
        self._close_with(self._problem)

    def on_message_begin(self) -> None:
        """Begin a head, unless too many requests wait already."""
        if len(self.pipeline) > _MAX_PIPELINED_REQUESTS:
            self._refuse(_TOO_MANY)
        super().on_message_begin()
        self._fields = self._field_bytes = 0
        self._is_in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a field to the head; those that follow the body are counted, too, and ignored."""
        self._fields += 1
        self._field_bytes += len(name) + len(value) + _FIELD_BYTES
        if self._fields > _MAX_FIELDS or self._field_bytes > _MAX_HEAD_BYTES - len(self.url):
            self._refuse(_HEAD_TOO_LARGE)
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin a request, or let it wait for those before it."""
        self._is_in_head = False
        super().on_headers_complete()
        self._cycles = [each for each in self._cycles if not each.response_complete]
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None:
            self._cycles.append(cycle)

    def pause_writing(self) -> None:
        """Stop sending because the client does not read; start a timer."""
        super().pause_writing()
        self._start_timer(self.timeout_keep_alive)

    def resume_writing(self) -> None:
        """Go on sending; stop the timer."""
        self._stop_timer()
        super().resume_writing()

    def on_response_complete(self) -> None:
        """End a response; if the connection is closing, start a timer for its last bytes."""
        super().on_response_complete()
        self._start_timer_if_closing()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection."""
        super().timeout_keep_alive_handler()
        self._start_timer_if_closing()

    def shutdown(self) -> None:
        """Close the connection, at once or after the current response."""
        super().shutdown()
        self._start_timer_if_closing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer, drop requests that have not begun, and tell the one that has begun.

        uvicorn tells the last request alone, which need not be the one that is being answered.
        """
        self.pipeline.clear()
        super().connection_lost(exc)
        for cycle in self._cycles:
            cycle.disconnected = True
            cycle.message_event.set()
        self._stop_timer()

    def _limit_unacknowledged(self) -> None:
        """Let the system close the connection if the client's machine does not answer.

        Otherwise a client that vanished without a word would be noticed after 15 minutes. A
        client that does not read is dropped by the timer, which comes first and tells it so.
        """
        connection: socket.socket = self.transport.get_extra_info("socket")
        is_tcp = connection.family in (socket.AF_INET, socket.AF_INET6)
        if is_tcp and sys.platform == "linux":
            milliseconds = 3 * self.timeout_keep_alive * 1_000
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    def _refuse(self, problem: RequestError) -> None:
        """Stop the parser, which lets `send_400_response` tell the client why."""
        self._problem = problem
        raise ValueError(problem)

    def _close_with(self, problem: RequestError) -> None:
        response = to_error_response(problem, {})
        head = [f"HTTP/1.1 {response.status_code} {HTTPStatus(response.status_code).phrase}"]
        head += [f"{name.decode()}: {value.decode()}" for name, value in response.raw_headers]
        head += ["connection: close", "", ""]
        self.transport.write("\r\n".join(head).encode() + bytes(response.body))
        self.transport.close()
        self._start_timer_if_closing()

    def _check_head(self, received_bytes: int) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._stop_timer()
            return
        self._head_bytes += received_bytes
        if self._head_bytes > _MAX_HEAD_BYTES:
            self._close_with(_HEAD_TOO_LARGE)
        elif self._timer is None:
            self._start_timer(self._head_seconds)

    def _start_timer_if_closing(self) -> None:
        if self.transport.is_closing():
            self._start_timer(self.timeout_keep_alive)

    def _start_timer(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self._drop)

    def _stop_timer(self) -> None:
        self._head_bytes = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _drop(self) -> None:
        """Close the connection without waiting until the client has read everything."""
        connection: socket.socket = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()
