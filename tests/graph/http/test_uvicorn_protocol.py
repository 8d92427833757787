"""Clients that are slow or silent are disconnected, and do not delay others."""

import re
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import quote

import pytest
from graphql import get_introspection_query

from tests.graph.server_process import await_ready, free_port, send, starting

pytestmark = pytest.mark.slow  # most wait for a timeout of the server

HEAD = b"POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server whose timeouts are one second."""
    port, folder = free_port(), tmp_path_factory.mktemp("server")
    timeouts = {"REQUEST_SECONDS": "1", "KEEP_ALIVE_SECONDS": "1"}
    with starting(folder) as start:
        start("--port", str(port), log=folder / "log", **timeouts)
        await_ready(port)
        yield port


@contextmanager
def connect(port: int, *sent: bytes) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for part in sent:
            connection.sendall(part)
        yield connection


def read_all(connection: socket.socket) -> bytes:
    """Return everything that the server sends until it closes the connection."""
    parts = []
    try:
        while part := connection.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /live", HEAD, b"GET /livez HTTP/1.1\r\nhost: a\r\n\r\nGET /livez HTTP/1.1\r\n"],
    ids=["nothing", "part of a line", "part of a head", "part of a second head"],
)
def test_a_connection_without_a_complete_head_is_closed(port: int, sent: bytes) -> None:
    with connect(port, sent) as connection:
        answers = read_all(connection)

    assert answers.count(b"HTTP/1.1 200 OK") == sent.count(b"\r\n\r\n")


def test_a_head_without_an_end_is_reset(port: int) -> None:
    lines = b"".join(b"x-%d: %s\r\n" % (n, b"x" * 1_000) for n in range(10_000))

    with connect(port, HEAD) as connection, pytest.raises(ConnectionError):
        connection.sendall(lines)


def test_a_body_that_does_not_arrive_gets_408(port: int) -> None:
    with connect(port, HEAD, b"content-length: 100\r\n\r\n", b'{"query":') as connection:
        answer = read_all(connection)

    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b'"code":"DEADLINE_EXCEEDED"' in answer


def test_an_idle_connection_is_closed(port: int) -> None:
    with connect(port, b"GET /livez HTTP/1.1\r\nhost: a\r\n\r\n") as connection:
        answer = read_all(connection)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_client_that_does_not_read_is_disconnected(port: int) -> None:
    target = quote(get_introspection_query(descriptions=True), safe="").encode()
    request = b"GET /graphql?query=%s HTTP/1.1\r\nhost: a\r\n\r\n" % target
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.connect(("127.0.0.1", port))
        connection.sendall(request * 90)
        poll = select.poll()
        poll.register(connection, 0)

        (event,) = poll.poll(60_000)

    assert event[1] & select.POLLHUP


def test_a_client_that_pipelines_too_many_requests_is_disconnected(port: int) -> None:
    request = b"GET /livez HTTP/1.1\r\nhost: a\r\n\r\n"

    with connect(port) as connection, pytest.raises(ConnectionError):
        connection.sendall(request * 300_000)


def test_slow_clients_do_not_delay_others(port: int) -> None:
    with ExitStack() as slow:
        for n in range(300):
            body = (b"content-length: 100\r\n\r\n", b'{"query":') if n % 2 else ()
            slow.enter_context(connect(port, HEAD, *body))
        answers = [send(port, "{ models { totalCount } }") for _ in range(20)]

    assert answers == [{"models": {"totalCount": 0}}] * 20


def test_a_request_to_upgrade_is_answered_like_any_other(port: int) -> None:
    upgrade = (
        b"GET /graphql?query={__typename} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\n"
        b"upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: eA==\r\n"
        b"sec-websocket-protocol: graphql-ws, graphql-transport-ws\r\n\r\n"
    )
    with connect(port, upgrade) as connection:
        answer = read_all(connection)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b'{"data":{"__typename":"Query"}' in answer
    assert not re.search(rb"(?i)sec-websocket", answer)
