"""An HTTP forward proxy on loopback, with or without credentials."""

import select
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.storage.dynamodb.client.fake_dynamo import QuietHandler, serve_in_thread


@dataclass
class Proxy:
    url: str = ""
    credentials: str | None = None
    """The required value of Proxy-Authorization."""
    requests: list[str] = field(default_factory=list)
    """Request lines."""


@contextmanager
def proxy(
    credentials: str | None = None, context: ssl.SSLContext | None = None
) -> Iterator[Proxy]:
    """Run an HTTP proxy that forwards requests and opens tunnels; over TLS with a context."""
    made = Proxy(credentials=credentials)
    handler = type("Handler", (_ProxyHandler,), {"proxy": made})
    with serve_in_thread(handler, context) as port:
        made.url = f"http{'s' if context else ''}://127.0.0.1:{port}"
        yield made


class _ProxyHandler(QuietHandler):
    proxy: Proxy

    def do_POST(self) -> None:  # noqa: N802 - the base class names it
        if not self._is_allowed():
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        host = self.path.split("/")[2].split(":")
        with socket.create_connection((host[0], int(host[1]))) as upstream:
            upstream.sendall(self._forwarded() + body)
            for part in iter(lambda: upstream.recv(65_536), b""):
                self.wfile.write(part)
        self.close_connection = True

    def do_CONNECT(self) -> None:  # noqa: N802 - likewise
        if not self._is_allowed():
            return
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port))) as upstream:
            self.send_response(200)
            self.end_headers()
            _relay(self.connection, upstream)
        self.close_connection = True

    def _forwarded(self) -> bytes:
        path = "/" + self.path.split("/", 3)[3]
        skipped = {"proxy-authorization", "connection"}
        kept = [f"{k}: {v}" for k, v in self.headers.items() if k.lower() not in skipped]
        lines = [f"POST {path} HTTP/1.1", *kept, "Connection: close", "", ""]
        return "\r\n".join(lines).encode()

    def _is_allowed(self) -> bool:
        self.proxy.requests.append(f"{self.command} {self.path}")
        if self.proxy.credentials in (None, self.headers["Proxy-Authorization"]):
            return True
        self.send_error(407)
        self.close_connection = True
        return False


def _relay(one: socket.socket, other: socket.socket) -> None:
    while True:
        readable, _, _ = select.select([one, other], [], [], 10)
        for sock in readable or [one]:
            received = sock.recv(65_536) if readable else b""
            if not received:
                return
            (other if sock is one else one).sendall(received)
