"""The deadline of a request, for its body and for its execution."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from graph.settings import Settings
from tests.graph.clients import BERT, serving
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

READ = {"query": "{ models { totalCount } }"}
FEED = {"query": "{ changes { changes { artifact { history { nodes { kind } } } } } }"}
REGISTER = (
    f'registerModel(input: {{ url: "{BERT}" }}) {{ userErrors {{ code }} model {{ id }} }}'
)
WRITE = {"query": f"mutation {{ {REGISTER} }}"}


def error_code(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"]
    return str(error["extensions"]["code"])


@pytest.mark.parametrize("body", [READ, FEED], ids=["query", "feed"])
async def test_a_request_that_takes_too_long_gets_504(
    recorded: RecordingStore, body: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(recorded, Settings(request_seconds=0.05)) as http:
        recorded.gate.clear()
        answer = await http.post("/graphql", json=body)
        recorded.gate.set()

    assert [answer.status_code, error_code(answer)] == [504, "DEADLINE_EXCEEDED"]
    message = answer.json()["errors"][0]["message"]
    assert message == "The request was not answered within 0.05 s."
    assert caplog.records == []


async def test_a_mutation_that_takes_too_long_still_answers_with_its_payload(
    recorded: RecordingStore,
) -> None:
    async with serving(recorded, Settings(request_seconds=1)) as http:
        recorded.gate.clear()
        asyncio.get_running_loop().call_later(1.5, recorded.gate.set)
        answer = await http.post("/graphql", json=WRITE)

    assert answer.status_code == 200
    content = answer.json()
    assert content["data"]["registerModel"]["userErrors"] == []
    assert content["data"]["registerModel"]["model"] is None
    error = content["errors"][-1]
    assert error["path"] == ["registerModel", "model"]
    assert error["extensions"]["code"] == "DEADLINE_EXCEEDED"
    assert recorded.calls.count(("register", 1)) == 1


async def test_a_body_that_does_not_arrive_gets_408(recorded: RecordingStore) -> None:
    async def trickle() -> AsyncIterator[bytes]:
        yield b'{"query": '
        await asyncio.Event().wait()

    headers = {"content-type": "application/json"}
    async with serving(recorded, Settings(request_seconds=0.05)) as http:
        answer = await http.post("/graphql", content=trickle(), headers=headers)

    assert [answer.status_code, error_code(answer)] == [408, "DEADLINE_EXCEEDED"]
    message = answer.json()["errors"][0]["message"]
    assert message == "The request did not arrive within 0.05 s."
    assert answer.headers["connection"] == "close"
