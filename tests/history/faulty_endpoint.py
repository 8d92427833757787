"""An endpoint on loopback in front of DynamoDB that can fail in many ways."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from urllib.parse import urlsplit
from zlib import crc32

from botocore.awsrequest import AWSPreparedRequest, HTTPHeaders

from tests.benchmarks.messages import Message, read_message
from tests.storage.engines import LOCAL, REGION

Upstream = Callable[[Message], Awaitable[bytes]]
CallUpstream = Callable[[], Awaitable[bytes]]
Behavior = Callable[[CallUpstream, asyncio.StreamWriter], Awaitable[None]]
"""Handles a request, with or without a call to DynamoDB."""


class FaultyEndpoint:
    """Handles each request by its `behavior`."""

    def __init__(self, upstream: Upstream) -> None:
        self.behavior: Behavior = answer_normally
        self.next_write: Behavior | None = None
        """The behavior for the next transaction alone."""
        self._upstream = upstream
        self._port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._abandoned: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The address, also while the endpoint does not listen."""
        return f"http://127.0.0.1:{self._port}"

    async def listen(self) -> None:
        """Accept connections, on the same port as before."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Close all connections and refuse new ones."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def abandon_connections(self) -> None:
        """Stop answering on the connections that are open now, without closing them."""
        self._abandoned = set(self._tasks)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while not writer.is_closing():
                    request = await read_message(reader)
                    await self._behavior_for(request)(partial(self._upstream, request), writer)
        finally:
            writer.transport.abort()

    def _behavior_for(self, request: Message) -> Behavior:
        if asyncio.current_task() in self._abandoned:
            return never_answer
        behavior = None
        if request.header(b"x-amz-target").endswith(b".TransactWriteItems"):
            behavior, self.next_write = self.next_write, None
        return behavior or self.behavior


async def answer_normally(call: CallUpstream, writer: asyncio.StreamWriter) -> None:
    writer.write(await call())


async def never_answer(_: CallUpstream, __: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def answer_500(_: CallUpstream, writer: asyncio.StreamWriter) -> None:
    writer.write(encode_response(500, json.dumps({"__type": "x#InternalServerError"}).encode()))


async def answer_slowly(call: CallUpstream, writer: asyncio.StreamWriter) -> None:
    """Send one byte every 0.2 seconds."""
    for byte in await call():
        writer.write(bytes([byte]))
        await asyncio.sleep(0.2)


async def answer_empty(_: CallUpstream, writer: asyncio.StreamWriter) -> None:
    """Send a 200 without content, as a broken proxy may."""
    writer.write(encode_response(200, b""))


async def answer_and_close(call: CallUpstream, writer: asyncio.StreamWriter) -> None:
    head, _, content = (await call()).partition(b"\r\n\r\n")
    writer.write(head + b"\r\nconnection: close\r\n\r\n" + content)
    writer.close()


async def reset_connection(call: CallUpstream, writer: asyncio.StreamWriter) -> None:
    await call()
    writer.transport.abort()


async def close_connection(call: CallUpstream, writer: asyncio.StreamWriter) -> None:
    await call()
    writer.close()


async def truncate_answer(call: CallUpstream, writer: asyncio.StreamWriter) -> None:
    answer = await call()
    writer.write(answer[:-1])
    writer.close()


async def corrupt_answer(call: CallUpstream, writer: asyncio.StreamWriter) -> None:
    answer = await call()
    writer.write(answer[:-1] + b" ")


async def answer_html(call: CallUpstream, writer: asyncio.StreamWriter) -> None:
    await call()
    writer.write(encode_response(502, b"<h1>Bad Gateway</h1>"))


async def answer_json_string(call: CallUpstream, writer: asyncio.StreamWriter) -> None:
    await call()
    writer.write(encode_response(503, b'"unavailable"'))


def encode_response(status: int, content: bytes) -> bytes:
    """Return a response as bytes."""
    head = f"HTTP/1.1 {status} .\r\nx-amz-crc32: {crc32(content)}\r\n"
    return f"{head}content-length: {len(content)}\r\n\r\n".encode() + content


async def call_moto(request: Message) -> bytes:
    """Return the answer of moto in this process."""
    from moto.core.botocore_stubber import BotocoreStubber

    headers = HTTPHeaders()
    for line in request.head.decode().split("\r\n")[1:]:
        name, _, value = line.partition(": ")
        if name:
            headers[name] = value
    url = f"https://dynamodb.{REGION}.amazonaws.com/"
    prepared = AWSPreparedRequest("POST", url, headers, request.content, stream_output=False)
    answer = await asyncio.to_thread(BotocoreStubber().process_request, prepared)
    assert answer is not None
    status, _, content = answer
    return encode_response(status, content if isinstance(content, bytes) else content.encode())


async def call_dynamodb_local(request: Message) -> bytes:
    """Return the answer of DynamoDB Local."""
    address = urlsplit(LOCAL or "")
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write(request.wire)
        return (await read_message(reader)).wire
    finally:
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def run_endpoint(upstream: Upstream) -> AsyncIterator[FaultyEndpoint]:
    """Run an endpoint on a free port."""
    endpoint = FaultyEndpoint(upstream)
    await endpoint.listen()
    try:
        yield endpoint
    finally:
        await endpoint.refuse()
