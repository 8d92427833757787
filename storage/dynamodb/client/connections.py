"""Sends requests over connections that are kept open, and reads the responses."""

import io
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property, partial
from http.client import HTTPConnection, HTTPMessage, HTTPResponse, IncompleteRead
from typing import Any, NamedTuple

from botocore.awsrequest import AWSPreparedRequest
from urllib3.util import wait_for_read

from storage.dynamodb.client.http import Timeouts
from storage.dynamodb.client.route import Route

_MAX_IDLE = 64
"""Connections that are kept open; more can be open at once."""
_CHUNK_BYTES = 262_144
_LEAST_SECONDS = 0.001
"""To read what has arrived already."""


class Response(NamedTuple):
    """A whole response."""

    status: int
    headers: Mapping[str, str] | HTTPMessage
    body: bytes


class _BoundedReader(io.RawIOBase):
    """Reads a response: its first part until `start_by`, and all of it until `end`.

    A timeout of the socket alone would begin again with every byte of the head.
    """

    def __init__(
        self, raw: io.RawIOBase, sock: socket.socket, start_by: float, end: float, pause: float
    ) -> None:
        self._raw, self._socket = raw, sock
        self._until, self._end, self._pause = start_by, end, pause
        self._is_started = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - the base class takes any buffer
        now = time.monotonic()
        if self._is_started and now > self._end:
            raise TimeoutError("the response was not complete at the deadline")
        self._socket.settimeout(max(_LEAST_SECONDS, self._until - now))
        count = self._raw.readinto(buffer)
        self._is_started = True
        self._until = min(self._end, time.monotonic() + self._pause)
        return int(count or 0)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _BoundedResponse(HTTPResponse):
    """A response that is read until its deadline; `limits` are those of the reader."""

    def __init__(
        self,
        sock: socket.socket,
        *,
        limits: tuple[float, float, float],
        method: str | None = None,
    ) -> None:
        super().__init__(sock, method=method)
        reader = _BoundedReader(self.fp.detach(), sock, *limits)
        self.fp = io.BufferedReader(reader)


class Connection(HTTPConnection):
    """A connection of Python's HTTP client that urllib3 opens, with the first request."""

    def __init__(self, route: Route) -> None:
        super().__init__(route.host, route.port)
        self._route = route
        self._unsent: list[bytes] = []

    def post(self, target: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Send a request as one piece; http.client sends head and body apart."""
        self.request("POST", target, body, headers)
        request, self._unsent = b"".join(self._unsent), []
        super().send(request)

    def send(self, data: Any) -> None:  # noqa: ANN401 - the base class takes anything
        """Keep a part of the request; the base class calls this for each."""
        self._unsent.append(data)

    def connect(self) -> None:
        """Open the socket."""
        self.sock = self._route.open_socket(self.timeout)

    def set_timeout(self, seconds: float) -> None:
        """Limit each wait for the other side."""
        self.timeout = seconds
        if self.sock is not None:
            self.sock.settimeout(seconds)

    def is_usable(self) -> bool:
        """Return whether the other side has neither closed it nor sent anything unasked."""
        return self.sock is not None and not wait_for_read(self.sock, timeout=0.0)


class Connections:
    """Connections to one endpoint; any number of threads can share them.

    A pool of urllib3 sends a request and waits for its response. Here they are two steps, so
    that one thread can send several requests before it reads the first response.
    """

    def __init__(self, find_route: Callable[[], Route], timeouts: Timeouts) -> None:
        self._find_route = find_route
        self._timeouts = timeouts
        self._idle: list[Connection] = []

    def send(self, request: AWSPreparedRequest, end: float) -> Connection:
        """Send a request and return the connection that its response will arrive on.

        Raises:
            HTTPError, HTTPException, OSError, ValueError: if that fails.
        """
        route, body = self._route, request.body
        assert isinstance(body, bytes)  # noqa: S101 - for mypy: it was signed as bytes
        connection = self._take()
        connection.set_timeout(min(self._timeouts.connect_seconds, _seconds_until(end)))
        headers = {**request.headers, **route.headers}
        try:
            # A server that refuses the request may respond without reading all of it.
            with suppress(BrokenPipeError):
                connection.post(route.target, body, headers)
        except BaseException:
            self._discard(connection)
            raise
        return connection

    def receive(self, connection: Connection, start_by: float, end: float) -> Response:
        """Read the response that begins before `start_by`; the connection is free again.

        The read timeout applies to each part of the body, `end` to all of them.

        Raises:
            HTTPException, OSError, ValueError: if that fails.
        """
        try:
            connection.response_class = partial(
                _BoundedResponse, limits=(start_by, end, self._timeouts.read_seconds)
            )  # type: ignore[assignment] # a factory is as good
            response = connection.getresponse()
            body = _read_body(response)
        except BaseException:
            self._discard(connection)
            raise
        if connection.sock is None or len(self._idle) >= _MAX_IDLE:
            connection.close()
        else:
            self._idle.append(connection)
        return Response(response.status, response.headers, body)

    def close(self) -> None:
        """Close the idle connections; the next request opens a new one."""
        while connection := self._pop_idle():
            connection.close()

    @cached_property
    def _route(self) -> Route:
        return self._find_route()

    def _take(self) -> Connection:
        while connection := self._pop_idle():
            if connection.is_usable():
                return connection
            connection.close()
        return Connection(self._route)

    def _pop_idle(self) -> Connection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _discard(self, connection: Connection) -> None:
        """Close a connection that failed, and those that may lead to the same dead host."""
        connection.close()
        self.close()


def _read_body(response: HTTPResponse) -> bytes:
    parts = []
    with response:
        while part := response.read1(_CHUNK_BYTES):
            parts.append(part)
            if response.length == 0:
                break
        if response.length:
            raise IncompleteRead(b"", response.length)
    return b"".join(parts)


def _seconds_until(end: float) -> float:
    return max(_LEAST_SECONDS, end - time.monotonic())
