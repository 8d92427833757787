"""Sends requests over connections that are kept open, and reads the responses."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple

from botocore.awsrequest import AWSPreparedRequest
from urllib3.connection import HTTPConnection
from urllib3.response import BaseHTTPResponse

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
    headers: Mapping[str, str]
    body: bytes


class Connections:
    """Connections to one endpoint; any number of threads can share them.

    urllib3's pool sends a request and waits for its response. Here they are two steps, so that
    one thread can send several requests before it reads the first response.
    """

    def __init__(self, find_route: Callable[[], Route], timeouts: Timeouts) -> None:
        self._find_route = find_route
        self._timeouts = timeouts
        self._idle: list[HTTPConnection] = []

    def send(self, request: AWSPreparedRequest, end: float) -> HTTPConnection:
        """Send a request and return the connection that its response will arrive on.

        Raises:
            HTTPError, HTTPException, OSError, ValueError: if that fails.
        """
        connection = self._take()
        connection.timeout = min(self._timeouts.connect_seconds, _seconds_until(end))
        try:
            # A server that refuses the request may respond without reading all of it.
            with suppress(BrokenPipeError):
                connection.request(
                    "POST",
                    self._route.target,
                    request.body,
                    {**request.headers, **self._route.headers},
                    preload_content=False,
                    decode_content=False,
                )
        except BaseException:
            self._discard(connection)
            raise
        return connection

    def receive(self, connection: HTTPConnection, start_by: float, end: float) -> Response:
        """Read the response that begins before `start_by`; the connection is free again.

        The read timeout applies to each part of the body, `end` to all of them.

        Raises:
            HTTPError, HTTPException, OSError, ValueError: if that fails.
        """
        socket = connection.sock
        connection.timeout = _seconds_until(start_by)
        try:
            response = connection.getresponse()
            socket.settimeout(min(self._timeouts.read_seconds, _seconds_until(end)))
            body = _read_body(response, end)
        except BaseException:
            self._discard(connection)
            raise
        if connection.is_closed or len(self._idle) >= _MAX_IDLE:
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

    def _take(self) -> HTTPConnection:
        while connection := self._pop_idle():
            if connection.is_connected:
                return connection
            connection.close()
        return self._route.create_connection()

    def _pop_idle(self) -> HTTPConnection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _discard(self, connection: HTTPConnection) -> None:
        """Close a connection that failed, and those that may lead to the same dead host."""
        connection.close()
        self.close()


def _read_body(response: BaseHTTPResponse, end: float) -> bytes:
    parts = []
    while part := response.read1(_CHUNK_BYTES):
        parts.append(part)
        if response.length_remaining == 0:
            break
        if time.monotonic() > end:
            raise TimeoutError("the response was not complete at the deadline")
    return b"".join(parts)


def _seconds_until(end: float) -> float:
    return max(_LEAST_SECONDS, end - time.monotonic())
