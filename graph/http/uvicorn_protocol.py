"""Connections that wait neither forever nor for anything: uvicorn's own have no such bounds."""

import asyncio
import socket
import struct
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

_MAX_HEAD_BYTES = 65_536
_MAX_PIPELINED = 100


class Connection(HttpToolsProtocol):
    """A connection that is dropped when its client keeps it waiting, or sends too much.

    The head of a request has to be there in a given time, and an answer has to be read in the
    time that a connection may be idle. Bodies are waited for by whoever reads them.
    """

    def __init__(self, *arguments: Any, head_seconds: float, **named: Any) -> None:  # noqa: ANN401 - uvicorn's
        super().__init__(*arguments, **named)
        self._head_seconds = head_seconds
        self._head_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvicorn's
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait(self._head_seconds)

    def data_received(self, data: bytes) -> None:
        """Go on waiting, unless a whole head has come."""
        super().data_received(data)
        if len(self.pipeline) > _MAX_PIPELINED:
            self._drop()
        if not self.flow.write_paused:
            self._wait_for_head(len(data))

    def pause_writing(self) -> None:
        """Wait for the client to read what was sent so far."""
        super().pause_writing()
        self._wait(self.timeout_keep_alive)

    def resume_writing(self) -> None:
        """Go on sending."""
        self._stop_waiting()
        super().resume_writing()

    def on_response_complete(self) -> None:
        """Where this was the last answer, wait for it to be read."""
        super().on_response_complete()
        self._wait_if_closing()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection."""
        super().timeout_keep_alive_handler()
        self._wait_if_closing()

    def shutdown(self) -> None:
        """Close the connection, at once or after the answer that is being made."""
        super().shutdown()
        self._wait_if_closing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        super().connection_lost(exc)
        self._stop_waiting()

    def _wait_for_head(self, more: int) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._stop_waiting()
            return
        self._head_bytes += more
        if self._head_bytes > _MAX_HEAD_BYTES:
            self._drop()
        elif self._timer is None:
            self._wait(self._head_seconds)

    def _wait_if_closing(self) -> None:
        if self.transport.is_closing():
            self._wait(self.timeout_keep_alive)

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(seconds, self._drop)

    def _stop_waiting(self) -> None:
        self._head_bytes = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _drop(self) -> None:
        """End the connection without lingering: what was sent may never be read."""
        connection: socket.socket = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()
