"""A store process that knows its answers by heart, so that it is never what limits a server.

It is given a port and a file of JSON, a list of calls each with its answer. A call that it
does not know is answered with an error.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks.listening import Serve, listening
from tests.benchmarks.messages import read_message

_ANSWER = (
    b"HTTP/1.1 %s\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: %d\r\n\r\n%s"
)
_UNKNOWN = b'{"__type": "ValidationException", "message": "not among the recorded calls"}'


def answering(answers: Mapping[bytes, bytes]) -> Serve:
    """Answers calls by what was recorded."""
    ready = {body: _ANSWER % (b"200 OK", len(a), a) for body, a in answers.items()}
    unknown = _ANSWER % (b"400 Bad Request", len(_UNKNOWN), _UNKNOWN)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await read_message(reader)
            writer.write(ready.get(request.content, unknown))

    return serve


async def _main(port: int, answers: Mapping[bytes, bytes]) -> None:
    async with listening(port, answering(answers)):
        await asyncio.Event().wait()


if __name__ == "__main__":
    recorded = json.loads(Path(sys.argv[2]).read_bytes())
    asyncio.run(_main(int(sys.argv[1]), {call.encode(): a.encode() for call, a in recorded}))
