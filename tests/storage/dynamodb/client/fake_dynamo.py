"""A fake DynamoDB over HTTP or TLS, on loopback."""

import json
import select
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from zlib import crc32

TABLE = "artifacts"
REQUEST_ID = "REQUEST123"


@dataclass
class Request:
    operation: str
    headers: dict[str, str]
    parameters: dict[str, Any]
    client_certificate: Any
    client_port: int


@dataclass
class Response:
    body: bytes
    status: int = 200
    pause_seconds: float = 0.0
    """After each of the hundred parts of the body."""
    stall_after: int | None = None
    """Parts after which nothing more comes until the client has hung up."""
    checksum: int | None = None
    hangs_up: bool = False
    """Afterwards, without a word of it in the headers."""


Handler = Callable[[Request], Response]


def success(request: Request) -> Response:
    """Every key that is asked for has an item."""
    asked = request.parameters.get("RequestItems", {})
    found = {table: keys["Keys"] for table, keys in asked.items()}
    return Response(json.dumps({"Responses": found}).encode())


def error(code: str, message: str, status: int = 400) -> Handler:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message}
    return lambda _: Response(json.dumps(body).encode(), status)


@dataclass
class FakeDynamo:
    url: str = ""
    handler: Handler = success
    first: list[Handler] = field(default_factory=list)
    """Handlers of the first requests, one each."""
    requests: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        self.requests.append(request)
        return (self.first.pop(0) if self.first else self.handler)(request)


@contextmanager
def dynamo(context: ssl.SSLContext | None = None) -> Iterator[FakeDynamo]:
    """A DynamoDB that answers as its handlers say; with TLS if there is a context."""
    fake = FakeDynamo()

    class Connection(QuietHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            certificate = self.connection.getpeercert() if context else None
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            port = self.client_address[1]
            headers = dict(self.headers)
            request = Request(operation, headers, json.loads(body), certificate, port)
            _send(self, fake.answer(request))

    with serve_in_thread(Connection, context) as port:
        fake.url = f"http{'s' if context else ''}://127.0.0.1:{port}"
        yield fake


def _send(connection: BaseHTTPRequestHandler, response: Response) -> None:
    connection.send_response(response.status)
    connection.send_header("Content-Length", str(len(response.body)))
    connection.send_header("x-amzn-RequestId", REQUEST_ID)
    checksum = crc32(response.body) if response.checksum is None else response.checksum
    connection.send_header("x-amz-crc32", str(checksum))
    connection.end_headers()
    size = max(1, len(response.body) // 100)
    for count, start in enumerate(range(0, len(response.body), size)):
        if response.stall_after == count:
            select.select([connection.connection], [], [], 5)
            connection.close_connection = True
            return
        connection.wfile.write(response.body[start : start + size])
        if response.pause_seconds:
            time.sleep(response.pause_seconds)
    connection.close_connection |= response.hangs_up


class QuietHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Write nothing to stderr."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    context: ssl.SSLContext | None = None

    def finish_request(self, request: Any, client_address: Any) -> None:
        with suppress(OSError):  # the client refuses the certificate or has hung up
            if self.context is None:
                super().finish_request(request, client_address)
                return
            with self.context.wrap_socket(request, server_side=True) as secure:
                super().finish_request(secure, client_address)


@contextmanager
def serve_in_thread(
    connection: type[BaseHTTPRequestHandler], context: ssl.SSLContext | None
) -> Iterator[int]:
    with _Server(("127.0.0.1", 0), connection) as server:
        server.context = context
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
