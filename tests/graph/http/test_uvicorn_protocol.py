"""Clients that are slow, or say nothing: they keep nobody else waiting, and are dropped."""

import re
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from graphql import get_introspection_query

from tests.graph.server_process import await_ready, free_port, send, starting

# Most wait until one of the server's timeouts has passed.
pytestmark = [pytest.mark.slow, pytest.mark.serial]

HEAD = b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server that waits for nobody longer than a second."""
    port, folder = free_port(), tmp_path_factory.mktemp("server")
    patience = {"REQUEST_SECONDS": "1", "KEEP_ALIVE_SECONDS": "1"}
    with starting(folder) as start:
        start("--port", str(port), log=folder / "log", **patience)
        await_ready(port)
        yield port


@contextmanager
def connected(port: int, *sent: bytes) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for part in sent:
            connection.sendall(part)
        yield connection


def received(connection: socket.socket) -> bytes:
    """All that comes until the server ends the connection."""
    parts = []
    try:
        while part := connection.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /live",
        HEAD,
        b"GET /livez HTTP/1.1\r\nhost: a\r\n\r\nGET /livez HTTP/1.1\r\n",
    ],
    ids=["nothing", "part of a line", "part of a head", "part of a second head"],
)
def test_a_connection_without_a_whole_head_is_dropped(port: int, sent: bytes) -> None:
    with connected(port, sent) as connection:
        answers = received(connection)

    assert answers.count(b"HTTP/1.1 200 OK") == sent.count(b"\r\n\r\n")


def test_a_head_without_an_end_is_dropped(port: int) -> None:
    lines = b"".join(b"x-%d: %s\r\n" % (n, b"x" * 1_000) for n in range(10_000))

    with connected(port, HEAD) as connection, pytest.raises(ConnectionError):
        connection.sendall(lines)


def test_a_body_that_does_not_come_is_told_so(port: int) -> None:
    with connected(port, HEAD, b"content-length: 100\r\n\r\n", b'{"query":') as connection:
        answer = received(connection)

    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b'"code":"DEADLINE_EXCEEDED"' in answer


def test_an_idle_connection_is_closed(port: int) -> None:
    with connected(port, b"GET /livez HTTP/1.1\r\nhost: a\r\n\r\n") as connection:
        answer = received(connection)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_client_that_does_not_read_is_dropped(port: int) -> None:
    target = quote(get_introspection_query(descriptions=True), safe="").encode()
    request = b"GET /graphql?query=%s HTTP/1.1\r\nhost: localhost\r\n\r\n" % target
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.connect(("127.0.0.1", port))
        connection.sendall(request * 90)
        hung_up = select.poll()
        hung_up.register(connection, 0)
        # Linux may ignore the reset of a connection whose buffer is full, until this reads.
        hung_up.poll(20_000)
        connection.settimeout(20)

        answers = received(connection)

    assert 0 < answers.count(b"HTTP/1.1 200 OK") < 90


def test_a_client_that_sends_far_ahead_is_dropped(port: int) -> None:
    request = b"GET /livez HTTP/1.1\r\nhost: a\r\n\r\n"

    with connected(port) as connection, pytest.raises(ConnectionError):
        connection.sendall(request * 300_000)


def test_slow_clients_keep_nobody_else_waiting(port: int) -> None:
    with ExitStack() as slow:
        for n in range(300):
            body = (b"content-length: 100\r\n\r\n", b'{"query":') if n % 2 else ()
            slow.enter_context(connected(port, HEAD, *body))
        answers = [send(port, "{ models { totalCount } }") for _ in range(20)]

    assert answers == [{"models": {"totalCount": 0}}] * 20


def test_a_request_to_upgrade_is_answered_as_any_other(port: int) -> None:
    upgrade = (
        b"GET /graphql?query={__typename} HTTP/1.1\r\nhost: localhost\r\n"
        b"connection: upgrade\r\n"
        b"upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: eA==\r\n"
        b"sec-websocket-protocol: graphql-ws, graphql-transport-ws\r\n\r\n"
    )
    with connected(port, upgrade) as connection:
        answer = received(connection)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b'{"data":{"__typename":"Query"}' in answer
    assert not re.search(rb"(?i)sec-websocket", answer)


def test_requests_of_a_closed_connection_are_dropped(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    get = b"GET /graphql?query={models{totalCount}} HTTP/1.1\r\nhost: localhost\r\n\r\n"
    with starting(tmp_path) as start:
        start("--port", str(port), log=log)
        await_ready(port)
        with connected(port, get * 50) as connection:
            connection.shutdown(socket.SHUT_RDWR)
        send(port, "{ __typename }")

    text = log.read_text()
    assert '"level":"error"' not in text
    assert text.count('"event":"request"') < 50
