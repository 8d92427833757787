"""Connections to one endpoint that are kept open between requests."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from select import POLLIN, poll
from socket import SO_KEEPALIVE, SOL_SOCKET, socket
from urllib.parse import urlsplit
from zlib import crc32

CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
"""How long an answer may take: twice that is within a request's time."""
_LEAST_SECONDS = 0.001
"""What is waited for an answer that may be there already."""
_MAX_IDLE = 64


class DamagedError(HTTPException):
    """An answer that is not what was sent."""


class _Bytes(RawIOBase):
    """What a socket receives until a time; its own timeout begins again with every byte."""

    def __init__(self, sock: socket, end: float) -> None:
        self._sock = sock
        self._end = end
        # Keeps the socket open where the connection is closed before its last answer is read.
        self._received = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        """That it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override] # a buffer
        """Fill the buffer with what is there, once there is something."""
        self._sock.settimeout(_until(self._end))
        return self._received.readinto(buffer)

    def close(self) -> None:
        """Let go of the socket."""
        self._received.close()
        super().close()

    def makefile(self, _mode: str) -> BufferedReader:
        """What an answer is read from."""
        return BufferedReader(self)


class Connections:
    """The connections of any number of threads; each serves one request at a time."""

    def __init__(self, url: str, certificates: str | None) -> None:
        self._url = urlsplit(url)
        self._tls = (
            ssl.create_default_context(cafile=certificates)
            if self._url.scheme == "https"
            else None
        )
        self._idle: list[HTTPConnection] = []

    def send(self, body: bytes, headers: dict[str, str], end: float) -> HTTPConnection:
        """Post something; the answer is to be received from the connection it returns.

        Raises:
            OSError, HTTPException: where the endpoint does not take it until `end`.
        """
        with self._closing_all(connection := self._take(end)):
            connection.sock.settimeout(_until(end))
            connection.request("POST", self._url.path, body, headers)
        return connection

    def receive(self, connection: HTTPConnection, end: float) -> tuple[int, bytes]:
        """The status and the body of an answer.

        Raises:
            OSError, HTTPException: where there is none until `end`, or where it is damaged.
        """
        with self._closing_all(connection):
            connection.response_class = partial(_answer, end)  # type: ignore[assignment] # it makes one
            response = connection.getresponse()
            body = response.read()
        if response.will_close or len(self._idle) >= _MAX_IDLE:
            connection.close()
        else:
            self._idle.append(connection)
        checksum = response.headers["x-amz-crc32"]
        if checksum is not None and int(checksum) != crc32(body):
            raise DamagedError
        return response.status, body

    def close(self) -> None:
        """Close what nobody uses."""
        while connection := self._unused():
            connection.close()

    @contextmanager
    def _closing_all(self, connection: HTTPConnection) -> Iterator[None]:
        """Where a connection fails those that nobody uses are closed, too.

        They were opened to where it was opened to, and each may take its time to fail.
        """
        try:
            yield
        except BaseException:
            connection.close()
            self.close()
            raise

    def _take(self, end: float) -> HTTPConnection:
        while connection := self._unused():
            if _is_open(connection):
                return connection
            connection.close()
        return self._opened(min(CONNECT_SECONDS, _until(end)))

    def _unused(self) -> HTTPConnection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _opened(self, timeout: float) -> HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        connection = (
            HTTPSConnection(host, port, timeout=timeout, context=self._tls)
            if self._tls
            else HTTPConnection(host, port, timeout=timeout)
        )
        connection.connect()
        connection.sock.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)
        return connection


def _answer(end: float, sock: socket, **more: str) -> HTTPResponse:
    """An answer that must be there, to its end, by `end`."""
    return HTTPResponse(_Bytes(sock, end), **more)  # type: ignore[arg-type] # all that it uses


def _until(end: float) -> float:
    return max(end - time.monotonic(), _LEAST_SECONDS)


def _is_open(connection: HTTPConnection) -> bool:
    """Whether the other side has neither closed an idle connection nor sent anything."""
    readable = poll()
    readable.register(connection.sock, POLLIN)
    return not readable.poll(0)
