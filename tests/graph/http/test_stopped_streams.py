"""Event streams of a server that is stopped."""

import signal

import httpx
import pytest

from tests.graph.event_streams import CHANGES, EVENTS
from tests.graph.server_process import Start, await_ready, free_port


@pytest.mark.slow
def test_sigterm_completes_all_streams_at_once(start: Start) -> None:
    port = free_port()
    server = start("--port", str(port), DRAIN_SECONDS="600")
    await_ready(port)
    with httpx.stream(
        "POST",
        f"http://127.0.0.1:{port}/graphql",
        json={"query": CHANGES},
        headers=EVENTS,
        timeout=10,
    ) as response:
        lines = response.iter_lines()
        while not next(lines).startswith("data"):
            pass
        server.send_signal(signal.SIGTERM)
        rest = [line for line in lines if line]
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
    with httpx.stream(
        "POST",
        f"http://127.0.0.1:{port}/graphql",
        json={"query": CHANGES},
        headers=EVENTS,
        timeout=10,
    ) as response:
        lines = response.iter_lines()
        while not next(lines).startswith("data"):
            pass
        server.send_signal(signal.SIGINT)
        rest = [line for line in lines if line]

    server.communicate(timeout=20)
    assert rest == ["event: complete", "data:"]
