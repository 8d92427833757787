"""Requests with more fields, or more requests, than clients send: they are refused."""

import asyncio

import pytest

from graph.settings import Settings
from tests.graph.event_streams import serving_events
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

GET = b"GET /livez HTTP/1.1\r\nhost: localhost\r\n"
CLOSE = b"connection: close\r\n"
CHUNKED = (
    b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    b'transfer-encoding: chunked\r\n\r\n18\r\n{"query":"{__typename}"}\r\n0\r\n'
)
TOO_LARGE = "The head of a request must have at most 65,536 bytes and 200 fields."


async def ask(store: RecordingStore, sent: bytes) -> str:
    """Send bytes over a connection; return all that comes until it ends."""
    async with serving_events(store, Settings()) as http:
        reader, writer = await asyncio.open_connection("127.0.0.1", http.base_url.port)
        writer.write(sent)
        parts = []
        try:
            while part := await reader.read(65_536):
                parts.append(part)
        except ConnectionResetError:
            pass  # there was more than the server read
        writer.close()
    return b"".join(parts).decode()


@pytest.mark.parametrize(
    "sent",
    [
        GET + b"x: %s\r\n" % (b"a" * 65_536),
        GET + b"x: %s" % (b"a" * 65_536),
        GET + b"a:\r\n" * 200,
        b"GET /livez?%s HTTP/1.1\r\nhost: localhost\r\n" % (b"a" * 65_536),
        CHUNKED + b"a:\r\n" * 200,
        CHUNKED + b"x: %s\r\n" % (b"a" * 65_536),
    ],
    ids=["long field", "no end", "many fields", "long url", "many trailers", "long trailer"],
)
async def test_a_head_that_is_too_large_is_refused(
    recorded: RecordingStore, sent: bytes
) -> None:
    answer = await ask(recorded, sent + b"\r\n")

    assert answer.startswith("HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert TOO_LARGE in answer


async def test_a_large_head_is_read(recorded: RecordingStore) -> None:
    fields = b"x: %s\r\n" % (b"a" * 300)

    answer = await ask(recorded, GET + fields * 190 + CLOSE + b"\r\n")

    assert answer.startswith("HTTP/1.1 200 OK\r\n")


async def test_fields_after_the_body_are_ignored(recorded: RecordingStore) -> None:
    sent = CHUNKED.replace(b"\r\n", b"\r\n" + CLOSE, 1)

    answer = await ask(recorded, sent + b"host: elsewhere\r\nauthorization: Basic x\r\n\r\n")

    assert answer.startswith("HTTP/1.1 200 OK\r\n")
    assert '"__typename":"Query"' in answer


async def test_requests_far_ahead_of_their_answers_are_refused(
    recorded: RecordingStore,
) -> None:
    answer = await ask(recorded, (GET + b"\r\n") * 5_000)

    assert "HTTP/1.1 400 Bad Request\r\n" in answer
    assert "Too many requests of the connection wait for an answer." in answer
    assert answer.count("HTTP/1.1 200 OK") <= 1


async def test_what_is_not_http_is_refused(recorded: RecordingStore) -> None:
    answer = await ask(recorded, b"\x00\x01\r\n\r\n")

    assert answer.startswith("HTTP/1.1 400 Bad Request\r\n")
    assert "The request is not valid HTTP." in answer
