"""HTTP connections with time and size limits, which uvicorn's own protocol does not have."""

import asyncio
import socket
import struct
import sys
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from graph.http.dependencies import require_attributes

_MAX_HEAD_BYTES = 65_536
_MAX_PIPELINED_REQUESTS = 100
_LINGER_FORMAT = "hh" if sys.platform == "win32" else "ii"
_NO_LINGER = struct.pack(_LINGER_FORMAT, 1, 0)

require_attributes(
    HttpToolsProtocol,
    [
        "connection_made",
        "data_received",
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
    """

    def __init__(self, *arguments: Any, head_seconds: float, **options: Any) -> None:  # noqa: ANN401 - uvicorn's
        super().__init__(*arguments, **options)
        self._head_seconds = head_seconds
        self._head_bytes = 0
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
        if len(self.pipeline) > _MAX_PIPELINED_REQUESTS:
            self._drop()
        if not self.flow.write_paused:
            self._check_head(len(data))

    def on_headers_complete(self) -> None:
        """Begin a request, or let it wait for those before it."""
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

    def _check_head(self, received_bytes: int) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._stop_timer()
            return
        self._head_bytes += received_bytes
        if self._head_bytes > _MAX_HEAD_BYTES:
            self._drop()
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
