"""A stub store that gives recorded answers, so that the store never limits a server.

Its arguments are a port and a JSON file with a list of calls and their answers. Other calls are
answered with an error.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks.messages import read_message
from tests.benchmarks.tcp_server import Serve, run_server

_ANSWER = (
    b"HTTP/1.1 %s\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: %d\r\n\r\n%s"
)
_UNKNOWN = b'{"__type": "ValidationException", "message": "not among the recorded calls"}'


def serve_recorded(answers: Mapping[bytes, bytes]) -> Serve:
    """Return a server of recorded answers."""
    responses = {body: _ANSWER % (b"200 OK", len(a), a) for body, a in answers.items()}
    unknown = _ANSWER % (b"400 Bad Request", len(_UNKNOWN), _UNKNOWN)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await read_message(reader)
            writer.write(responses.get(request.content, unknown))

    return serve


async def _main(port: int, answers: Mapping[bytes, bytes]) -> None:
    async with run_server(port, serve_recorded(answers)):
        await asyncio.Event().wait()


if __name__ == "__main__":
    recorded = json.loads(Path(sys.argv[2]).read_bytes())
    asyncio.run(_main(int(sys.argv[1]), {call.encode(): a.encode() for call, a in recorded}))
