"""The health check of a container."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread


@contextmanager
def server_with_status(status: int) -> Iterator[int]:
    """The port of a server that answers this status for /livez, and 404 for other paths."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/livez" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Write no log."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def run_check(port: int) -> tuple[int, str]:
    command = [sys.executable, "-m", "graph.healthcheck", str(port)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    return result.returncode, result.stderr


def test_it_passes_if_the_server_is_alive() -> None:
    with server_with_status(200) as port:
        assert run_check(port) == (0, "")


def test_it_fails_with_the_reason_if_the_server_is_not_alive() -> None:
    with server_with_status(503) as port:
        assert run_check(port) == (1, f"/livez on port {port} answered 503, not 200\n")
    status, reason = run_check(port)
    assert (status, reason.splitlines()) == (1, [reason.strip()])
    assert reason.startswith(f"/livez on port {port} did not answer: ")
