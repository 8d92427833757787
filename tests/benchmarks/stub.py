"""A store process that knows its answers by heart, so that it is never what limits a server.

It is given a port and a file of JSON, a list of calls each with its answer. A call that it
does not know is answered with an error.
"""

import asyncio
import json
import sys
from pathlib import Path

from tests.benchmarks.messages import read_message

_ANSWER = (
    b"HTTP/1.1 %s\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: %d\r\n\r\n%s"
)
_UNKNOWN = b'{"__type": "ValidationException", "message": "not among the recorded calls"}'


async def serve(port: int, answers: dict[bytes, bytes]) -> None:
    """Answer calls until the process ends."""
    ready = {body: _ANSWER % (b"200 OK", len(a), a) for body, a in answers.items()}
    unknown = _ANSWER % (b"400 Bad Request", len(_UNKNOWN), _UNKNOWN)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof():
            try:
                request = await read_message(reader)
            except (asyncio.IncompleteReadError, ConnectionError):
                break
            writer.write(ready.get(request.content, unknown))
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    recorded = json.loads(Path(sys.argv[2]).read_bytes())
    asyncio.run(serve(int(sys.argv[1]), {a.encode(): b.encode() for a, b in recorded}))
