"""The connections to one endpoint."""

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from httptools import HttpParserError

from storage.dynamodb.client.connection import Connection, DamagedError, until

CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
"""How long an answer may take: twice that is within a request's time."""
_MAX_IDLE = 64


class Connections:
    """The connections of any number of threads."""

    def __init__(self, url: str, certificates: str | None) -> None:
        self._url = urlsplit(url)
        self._tls = (
            ssl.create_default_context(cafile=certificates)
            if self._url.scheme == "https"
            else None
        )
        self._idle: list[Connection] = []

    def send(self, body: bytes, headers: Mapping[str, str], end: float) -> Connection:
        """Post something; the answer is to be received from the connection it returns.

        Raises:
            OSError: where the endpoint does not take it until `end`.
        """
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {self._url.path} HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n\r\n"
        with self._closing_all(connection := self._take(end)):
            connection.send(head.encode("latin-1") + body, end)
        return connection

    def receive(self, connection: Connection, end: float) -> tuple[int, bytes]:
        """The status and the body of an answer.

        Raises:
            OSError, DamagedError: where there is none until `end`, or where it is damaged.
        """
        with self._closing_all(connection):
            try:
                status, body = connection.receive(end)
            except (HttpParserError, ValueError) as error:
                raise DamagedError from error
        if connection.keeps_open and len(self._idle) < _MAX_IDLE:
            self._idle.append(connection)
        else:
            connection.close()
        return status, body

    def close(self) -> None:
        """Close what nobody uses."""
        while connection := self._unused():
            connection.close()

    @contextmanager
    def _closing_all(self, connection: Connection) -> Iterator[None]:
        """Where a connection fails those that nobody uses are closed, too.

        They were opened to where it was opened to, and each may take its time to fail.
        """
        try:
            yield
        except BaseException:
            connection.close()
            self.close()
            raise

    def _take(self, end: float) -> Connection:
        while connection := self._unused():
            if connection.is_open():
                return connection
            connection.close()
        return self._opened(min(CONNECT_SECONDS, until(end)))

    def _unused(self) -> Connection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _opened(self, timeout: float) -> Connection:
        host = self._url.hostname or ""
        port = self._url.port or (443 if self._tls else 80)
        opened = socket.create_connection((host, port), timeout)
        try:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if self._tls:
                opened = self._tls.wrap_socket(opened, server_hostname=host)
        except BaseException:
            opened.close()
            raise
        return Connection(opened)
