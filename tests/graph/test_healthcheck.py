"""The probe of a container tells whether its server lives."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread


@contextmanager
def answering(status: int) -> Iterator[int]:
    """The port of a server that answers so to /livez, and 404 to all else."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/livez" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def probed(port: int) -> tuple[int, str]:
    command = [sys.executable, "-m", "graph.healthcheck", str(port)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    return done.returncode, done.stderr


def test_a_server_that_lives_is_found_alive() -> None:
    with answering(200) as port:
        assert probed(port) == (0, "")


def test_one_that_does_not_is_not_and_the_reason_is_said() -> None:
    with answering(503) as port:
        assert probed(port) == (1, f"/livez on port {port} answers 503\n")
    code, reason = probed(port)
    assert (code, reason.splitlines()) == (1, [reason.strip()])
    assert reason.startswith(f"/livez on port {port} does not answer: ")
