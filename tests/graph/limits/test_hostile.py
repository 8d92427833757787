"""Hostile requests are refused, or answered within the limits, and /livez answers meanwhile.

The longest time in which /livez did not answer is printed for each request (`pytest -s`); no
bound is tested, because other processes may take the processor's time.
"""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.graph.limits import hostile_documents, hostile_requests
from tests.graph.server_process import Start, await_ready, free_port

PROBE = Path(__file__).with_name("livez_probe.py")
MAX_ANSWER_BYTES = 2 * 200 * 50_000
"""Twice the documented limit: escapes in JSON are not counted."""
REQUEST_SECONDS = 10
EXPECTED = {"BAD_USER_INPUT", "DEADLINE_EXCEEDED", "QUERY_TOO_COMPLEX"} | {
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "STORE_UNAVAILABLE",  # while other requests use up the time of the store
}


class Outcome(NamedTuple):
    name: str
    start: float
    seconds: float
    status: int
    size: int
    codes: frozenset[str]
    cost: int


def send(port: int, name: str, body: bytes) -> Outcome:
    start = time.monotonic()
    answer = httpx.post(
        f"http://127.0.0.1:{port}/graphql",
        content=body,
        headers={"content-type": "application/json"},
        timeout=120,
    )
    seconds = time.monotonic() - start
    content = json.loads(answer.content)
    codes = frozenset(e["extensions"]["code"] for e in content.get("errors", ()))
    cost = content["extensions"]["cost"]["requested"]
    size = len(answer.content)
    return Outcome(name, start, seconds, answer.status_code, size, codes, cost)


@contextmanager
def probing(port: int) -> Iterator[list[tuple[float, float]]]:
    """Ask /livez in this block; the long answers are known when it has ended."""
    gaps: list[tuple[float, float]] = []
    arguments = [sys.executable, str(PROBE), str(port)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        yield gaps
        assert process.poll() is None, "/livez did not answer"
        process.terminate()
        assert process.stdout is not None
        for line in process.stdout:
            start, seconds = map(float, line.split())
            gaps.append((start, seconds))


def report(outcomes: list[Outcome], gaps: list[tuple[float, float]]) -> None:
    """Print each request with the longest time in which /livez did not answer."""
    for each in outcomes:
        end = each.start + each.seconds
        own = [seconds for start, seconds in gaps if each.start - seconds < start < end]
        print(  # noqa: T201 - for people who run this
            f"{1_000 * max(own, default=0):5.0f} ms {each.seconds:6.2f} s {each.size:>10} bytes"
            f" {each.status} cost {each.cost:>8} {','.join(sorted(each.codes)):30} {each.name}"
        )


def check(outcome: Outcome) -> None:
    """Check that a request was refused, or answered within the limits."""
    assert outcome.status in (200, 400, 413, 504), outcome
    assert outcome.codes <= EXPECTED, outcome
    assert outcome.size < MAX_ANSWER_BYTES, outcome
    assert outcome.seconds < 3 * REQUEST_SECONDS, outcome


def fire_one_by_one(port: int, bodies: Mapping[str, bytes]) -> None:
    with probing(port) as gaps:
        outcomes = [send(port, name, body) for name, body in bodies.items()]
    report(outcomes, gaps)
    for outcome in outcomes:
        check(outcome)


@pytest.fixture
def port(start: Start, tmp_path: Path) -> int:
    """The port of a server."""
    port = free_port()
    start("--port", str(port), log=tmp_path / "server.log", LOG_FORMAT="json")
    await_ready(port)
    return port


@pytest.fixture
def ids(port: int) -> list[str]:
    """The ids of the artifacts of a registry that is hard to read, on that server."""
    ids: list[str] = []
    for inputs in hostile_requests.make_registry():
        body = hostile_requests.post(hostile_requests.REGISTER_ONLY, inputs=inputs)
        answer = httpx.post(
            f"http://127.0.0.1:{port}/graphql",
            content=body,
            headers={"content-type": "application/json"},
            timeout=60,
        ).json()
        results = answer["data"]["registerArtifacts"]["results"]
        ids += [result["artifact"]["id"] for result in results]
    return ids


def fill_in(body: bytes, ids: list[str]) -> bytes:
    """Replace the first and the last id in a body."""
    return body.replace(b"ID119", ids[-1].encode()).replace(b"ID0", ids[0].encode())


@pytest.mark.parametrize(
    "bodies", [hostile_documents.make_bodies(), hostile_documents.make_documents()]
)
def test_bodies_and_documents_that_are_hard_to_read(
    port: int, bodies: dict[str, bytes]
) -> None:
    fire_one_by_one(port, bodies)


@pytest.mark.slow
def test_queries_that_multiply_work(port: int, ids: list[str]) -> None:
    queries = hostile_requests.make_queries()
    fire_one_by_one(port, {name: fill_in(body, ids) for name, body in queries.items()})


@pytest.mark.slow
def test_mutations_with_as_much_as_they_may_have(port: int) -> None:
    fire_one_by_one(port, hostile_requests.make_mutations())


@pytest.mark.slow
def test_all_of_them_together(port: int, ids: list[str]) -> None:
    bodies = {
        **hostile_documents.make_bodies(),
        **hostile_documents.make_documents(),
        **hostile_requests.make_queries(),
        **hostile_requests.make_mutations(),
    }
    with probing(port) as gaps, ThreadPoolExecutor(len(bodies)) as pool:
        outcomes = list(
            pool.map(lambda item: send(port, item[0], fill_in(item[1], ids)), bodies.items())
        )
    report(outcomes, gaps)
    for outcome in outcomes:
        check(outcome)


@pytest.mark.slow
def test_clients_that_do_not_read_their_answers(port: int, ids: list[str]) -> None:
    query = fill_in(hostile_requests.make_queries()["a page of large texts"], ids)
    head = (
        b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        b"content-length: %d\r\n\r\n" % len(query)
    )
    with probing(port) as gaps:
        connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        for connection in connections:
            connection.sendall(head + query)
        starts = [connection.recv(12) for connection in connections]
        outcome = send(port, "20 slow readers", query)
        for connection in connections:
            connection.close()
    report([outcome], gaps)
    assert {start[:9] for start in starts} == {b"HTTP/1.1 "}
    check(outcome)
