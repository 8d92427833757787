"""Event streams of a server that is stopped."""

import signal
from subprocess import Popen

import httpx
import pytest

from tests.graph.event_streams import CHANGES, EVENTS
from tests.graph.server_process import Start, await_ready, free_port


def read_rest_after(server: Popen[str], number: signal.Signals, port: int) -> list[str]:
    """Subscribe, send the signal after the first event, and return the lines that follow."""
    url = f"http://127.0.0.1:{port}/graphql"
    body = {"query": CHANGES}
    with httpx.stream("POST", url, json=body, headers=EVENTS, timeout=10) as response:
        lines = response.iter_lines()
        while not next(lines).startswith("data"):
            pass
        server.send_signal(number)
        return [line for line in lines if line]


@pytest.mark.slow
def test_sigterm_completes_all_streams_at_once(start: Start) -> None:
    port = free_port()
    server = start("--port", str(port), DRAIN_SECONDS="600")
    await_ready(port)
    rest = read_rest_after(server, signal.SIGTERM, port)
    refused = httpx.post(
        f"http://127.0.0.1:{port}/graphql", json={"query": CHANGES}, headers=EVENTS
    )

    assert rest == ["event: complete", "data:"]
    assert [refused.status_code, refused.json()["errors"][0]["message"]] == [
        503,
        "The server is stopping; try again.",
    ]


@pytest.mark.slow
def test_sigint_ends_a_server_with_open_streams(start: Start) -> None:
    port = free_port()
    server = start("--port", str(port), GRACE_SECONDS="600")
    await_ready(port)
    rest = read_rest_after(server, signal.SIGINT, port)

    server.communicate(timeout=20)
    assert rest == ["event: complete", "data:"]
