"""Connections to one endpoint that are kept open between requests.

http.client reads the headers of an answer as those of an email, which takes longer than all
else that is done for it: here httptools reads them.
"""

import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from select import POLLIN, poll
from urllib.parse import urlsplit
from zlib import crc32

from httptools import HttpParserError, HttpResponseParser

CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
"""How long an answer may take: twice that is within a request's time."""
_LEAST_SECONDS = 0.001
"""What is waited for an answer that may be there already."""
_MAX_IDLE = 64
_CHUNK_BYTES = 65_536


class DamagedError(ValueError):
    """An answer that is not what was sent."""


class Connection:
    """An open connection, which serves one request at a time."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def send(self, request: bytes, end: float) -> None:
        """Send a whole request.

        Raises:
            OSError: where it is not taken until `end`.
        """
        self._socket.settimeout(_until(end))
        self._socket.sendall(request)

    def receive(self, end: float) -> "Answer":
        """The answer to what was sent, which must be there, to its end, by `end`.

        Raises:
            OSError, HttpParserError: where it is not, or is none.
        """
        answer = Answer()
        while not answer.is_whole:
            # The socket's own timeout begins again with every byte.
            self._socket.settimeout(_until(end))
            received = self._socket.recv(_CHUNK_BYTES)
            if not received:
                raise ConnectionResetError("the answer broke off")
            answer.parser.feed_data(received)
        return answer

    def is_open(self) -> bool:
        """Whether the other side has neither closed it nor sent anything while it was idle."""
        readable = poll()
        readable.register(self._socket, POLLIN)
        return not readable.poll(0)

    def close(self) -> None:
        """Close it."""
        self._socket.close()


class Answer:
    """An answer as it comes in: httptools calls what begins with `on_`."""

    def __init__(self) -> None:
        self.parser = HttpResponseParser(self)
        self.is_whole = False
        self.keeps_open = False
        """Whether the connection may be used again."""
        self.checksum: int | None = None
        self._parts: list[bytes] = []

    @property
    def status(self) -> int:
        """The status of HTTP."""
        return self.parser.get_status_code()

    @property
    def body(self) -> bytes:
        """What has come of the body."""
        return b"".join(self._parts)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note a header."""
        if name.lower() == b"x-amz-crc32":
            self.checksum = int(value)

    def on_body(self, part: bytes) -> None:
        """Note a part of the body."""
        self._parts.append(part)

    def on_message_complete(self) -> None:
        """Note the end."""
        self.is_whole = True
        self.keeps_open = self.parser.should_keep_alive()


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
                answer = connection.receive(end)
            except (HttpParserError, ValueError) as error:
                raise DamagedError from error
            body = answer.body
        if answer.keeps_open and len(self._idle) < _MAX_IDLE:
            self._idle.append(connection)
        else:
            connection.close()
        if answer.checksum is not None and answer.checksum != crc32(body):
            raise DamagedError
        return answer.status, body

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
        return self._opened(min(CONNECT_SECONDS, _until(end)))

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


def _until(end: float) -> float:
    return max(end - time.monotonic(), _LEAST_SECONDS)
