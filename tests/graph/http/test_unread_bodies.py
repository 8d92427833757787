"""Clients that send all of a body before they read the response to it."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.graph.server_process import await_ready, free_port, send, starting

pytestmark = pytest.mark.slow

JSON = b"content-type: application/json\r\n"
LONG = 8_000_000


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    port, folder = free_port(), tmp_path_factory.mktemp("server")
    with starting(folder) as start:
        start("--port", str(port), log=folder / "log", REQUEST_SECONDS="1")
        await_ready(port)
        yield port


def connect(port: int, head: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(b"POST " + head + b"\r\n")
    return connection


def read_all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.mark.parametrize("length", [b"content-length: 8000000", b"transfer-encoding: chunked"])
@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"/graphql HTTP/1.1\r\nhost: localhost\r\n" + JSON, b"413"),
        (b"/graphql HTTP/1.1\r\nhost: localhost\r\n", b"415"),
        (b"/graphql HTTP/1.1\r\nhost: elsewhere\r\n" + JSON, b"403"),
        (b"/nowhere HTTP/1.1\r\nhost: localhost\r\n" + JSON, b"404"),
        (b"/livez HTTP/1.1\r\nhost: localhost\r\n" + JSON, b"405"),
    ],
)
def test_the_response_to_a_long_body_arrives(
    port: int, head: bytes, status: bytes, length: bytes
) -> None:
    head += length + b"\r\nconnection: close\r\n"
    body = b"x" * LONG
    if b"chunked" in length:
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (LONG, body)

    with closing(connect(port, head)) as connection:
        connection.sendall(body)
        answer = read_all(connection)

    assert answer.startswith(b"HTTP/1.1 %s " % status)
    assert b'"message":"' in answer


def test_the_connection_goes_on_after_a_long_body(port: int) -> None:
    head = b"/graphql HTTP/1.1\r\nhost: localhost\r\n" + JSON + b"content-length: 8000000\r\n"
    following = b"GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"

    with closing(connect(port, head)) as connection:
        connection.sendall(b"x" * LONG + following)
        answers = read_all(connection)

    assert answers.startswith(b"HTTP/1.1 413 ")
    assert answers.count(b"HTTP/1.1 200 OK") == 1


def test_a_client_that_asks_first_sends_no_long_body(port: int) -> None:
    head = b"/graphql HTTP/1.1\r\nhost: localhost\r\n" + JSON + b"content-length: 8000000\r\n"

    with closing(connect(port, head + b"expect: 100-continue\r\n")) as connection:
        answer = read_all(connection)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nconnection: close\r\n" in answer


def test_a_body_without_an_end_is_not_read_for_ever(port: int) -> None:
    head = b"/nowhere HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n"
    chunk = b"%x\r\n%s\r\n" % (LONG, b"x" * LONG)

    with closing(connect(port, head)) as connection, pytest.raises(ConnectionError):
        connection.sendall(chunk * 20)

    assert send(port, "{ __typename }") == {"__typename": "Query"}


def test_a_body_that_does_not_come_delays_the_response_for_a_while(port: int) -> None:
    head = b"/nowhere HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n"

    with closing(connect(port, head)) as connection:
        answer = read_all(connection)

    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"\r\nconnection: close\r\n" in answer
