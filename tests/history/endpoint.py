"""An endpoint on loopback, before DynamoDB, and the ways in which it may answer or not."""

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
Ask = Callable[[], Awaitable[bytes]]
Way = Callable[[Ask, asyncio.StreamWriter], Awaitable[None]]
"""What becomes of a request; upstream is asked, or not."""


class Endpoint:
    """Answers in its way, on connections of which it may forget those that are there."""

    def __init__(self, upstream: Upstream) -> None:
        self.way: Way = answering
        self.next_write: Way | None = None
        """The way of the next transaction alone."""
        self._upstream = upstream
        self._port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._forgotten: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Its address, also while it does not listen there."""
        return f"http://127.0.0.1:{self._port}"

    async def listen(self) -> None:
        """Take connections, on the port that it had before."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Cut all connections and take none."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def forget(self) -> None:
        """Answer nothing more on the connections that are there, without closing them."""
        self._forgotten = set(self._tasks)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while not writer.is_closing():
                    request = await read_message(reader)
                    await self._way_of(request)(partial(self._upstream, request), writer)
        finally:
            writer.transport.abort()

    def _way_of(self, request: Message) -> Way:
        if asyncio.current_task() in self._forgotten:
            return silent
        way = None
        if request.header(b"x-amz-target").endswith(b".TransactWriteItems"):
            way, self.next_write = self.next_write, None
        return way or self.way


async def answering(ask: Ask, writer: asyncio.StreamWriter) -> None:
    writer.write(await ask())


async def silent(_: Ask, __: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def failing(_: Ask, writer: asyncio.StreamWriter) -> None:
    writer.write(wire(500, json.dumps({"__type": "x#InternalServerError"}).encode()))


async def trickling(ask: Ask, writer: asyncio.StreamWriter) -> None:
    """An answer that is always about to end."""
    for byte in await ask():
        writer.write(bytes([byte]))
        await asyncio.sleep(0.2)


async def empty(_: Ask, writer: asyncio.StreamWriter) -> None:
    """An answer of something in between, which says nothing and calls it a success."""
    writer.write(wire(200, b""))


async def last_on_its_connection(ask: Ask, writer: asyncio.StreamWriter) -> None:
    head, _, content = (await ask()).partition(b"\r\n\r\n")
    writer.write(head + b"\r\nconnection: close\r\n\r\n" + content)
    writer.close()


async def reset_after(ask: Ask, writer: asyncio.StreamWriter) -> None:
    await ask()
    writer.transport.abort()


async def ended_after(ask: Ask, writer: asyncio.StreamWriter) -> None:
    await ask()
    writer.close()


async def half_an_answer(ask: Ask, writer: asyncio.StreamWriter) -> None:
    answer = await ask()
    writer.write(answer[:-1])
    writer.close()


async def damaged_answer(ask: Ask, writer: asyncio.StreamWriter) -> None:
    answer = await ask()
    writer.write(answer[:-1] + b" ")


async def no_json(ask: Ask, writer: asyncio.StreamWriter) -> None:
    await ask()
    writer.write(wire(502, b"<h1>Bad Gateway</h1>"))


async def no_object(ask: Ask, writer: asyncio.StreamWriter) -> None:
    await ask()
    writer.write(wire(503, b'"unavailable"'))


def wire(status: int, content: bytes) -> bytes:
    """An answer as it is sent."""
    head = f"HTTP/1.1 {status} .\r\nx-amz-crc32: {crc32(content)}\r\n"
    return f"{head}content-length: {len(content)}\r\n\r\n".encode() + content


async def to_moto(request: Message) -> bytes:
    """What moto answers, here in this process."""
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
    return wire(status, content if isinstance(content, bytes) else content.encode())


async def to_dynamodb_local(request: Message) -> bytes:
    """What DynamoDB Local answers."""
    address = urlsplit(LOCAL or "")
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write(request.wire)
        return (await read_message(reader)).wire
    finally:
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def listening(upstream: Upstream) -> AsyncIterator[Endpoint]:
    """An endpoint on a free port."""
    endpoint = Endpoint(upstream)
    await endpoint.listen()
    try:
        yield endpoint
    finally:
        await endpoint.refuse()
