"""A connection that is kept open between requests, and fails where an answer is late.

http.client reads the headers of an answer as those of an email, which takes longer than all
else that is done for it: here httptools reads them.
"""

import socket
import time
from select import POLLIN, poll
from zlib import crc32

from httptools import HttpResponseParser

_LEAST_SECONDS = 0.001
"""What is waited for an answer that may be there already."""
_CHUNK_BYTES = 65_536


class DamagedError(ValueError):
    """An answer that is not what was sent."""


class Connection:
    """An open connection, which serves one request at a time.

    httptools calls what begins with `on_` while it reads an answer.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.keeps_open = False
        """Whether it may be used again after the answer that was received last."""
        self._socket = sock
        self._parser = HttpResponseParser(self)
        self._parts: list[bytes] = []
        self._checksum: int | None = None
        self._is_whole = False

    def send(self, request: bytes, end: float) -> None:
        """Send a whole request.

        Raises:
            OSError: where it is not taken until `end`.
        """
        self._is_whole, self._checksum = False, None
        self._socket.settimeout(until(end))
        self._socket.sendall(request)

    def receive(self, end: float) -> tuple[int, bytes]:
        """The status and the body of the answer, which must be there, to its end, by `end`.

        Raises:
            OSError, HttpParserError, ValueError: where it is not, or is none.
        """
        while not self._is_whole:
            # The socket's own timeout begins again with every byte.
            self._socket.settimeout(until(end))
            received = self._socket.recv(_CHUNK_BYTES)
            if not received:
                raise ConnectionResetError("the answer broke off")
            self._parser.feed_data(received)
        body = b"".join(self._parts)
        self._parts = []
        if self._checksum is not None and self._checksum != crc32(body):
            raise DamagedError
        return self._parser.get_status_code(), body

    def is_open(self) -> bool:
        """Whether the other side has neither closed it nor sent anything while it was idle."""
        readable = poll()
        readable.register(self._socket, POLLIN)
        return not readable.poll(0)

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note a header."""
        if name.lower() == b"x-amz-crc32":
            self._checksum = int(value)

    def on_body(self, part: bytes) -> None:
        """Note a part of the body."""
        self._parts.append(part)

    def on_message_complete(self) -> None:
        """Note the end."""
        self._is_whole = True
        self.keeps_open = self._parser.should_keep_alive()


def until(end: float) -> float:
    """The seconds that are left, for a socket's timeout."""
    return max(end - time.monotonic(), _LEAST_SECONDS)
