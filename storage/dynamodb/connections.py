"""Connections to one endpoint that are kept open between requests."""

import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from select import POLLIN, poll
from socket import SO_KEEPALIVE, SOL_SOCKET
from urllib.parse import urlsplit
from zlib import crc32

CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
"""How long an answer may take: twice that is within a request's time."""
_MAX_IDLE = 64


class DamagedError(HTTPException):
    """An answer that is not what was sent."""


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

    def send(self, body: bytes, headers: dict[str, str]) -> HTTPConnection:
        """Post something; the answer is to be received from the connection it returns.

        Raises:
            OSError, HTTPException: where the endpoint does not take it.
        """
        connection = self._take()
        try:
            connection.request("POST", self._url.path, body, headers)
        except BaseException:
            connection.close()
            raise
        return connection

    def receive(self, connection: HTTPConnection) -> tuple[int, bytes]:
        """The status and the body of an answer.

        Raises:
            OSError, HTTPException: where there is none, or where it is damaged.
        """
        try:
            response = connection.getresponse()
            body = response.read()
        except BaseException:
            connection.close()
            raise
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
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> HTTPConnection:
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            if _is_open(connection):
                return connection
            connection.close()
        return self._opened()

    def _opened(self) -> HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        connection = (
            HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=self._tls)
            if self._tls
            else HTTPConnection(host, port, timeout=CONNECT_SECONDS)
        )
        connection.connect()
        connection.sock.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)
        connection.sock.settimeout(READ_SECONDS)
        return connection


def _is_open(connection: HTTPConnection) -> bool:
    """Whether the other side has neither closed an idle connection nor sent anything."""
    readable = poll()
    readable.register(connection.sock, POLLIN)
    return not readable.poll(0)
