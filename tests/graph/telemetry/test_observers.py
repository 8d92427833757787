"""What is told of requests: in the log, in metrics, in traces; the same figures everywhere."""

import json
import logging
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider

from graph.auth.roles import Role
from graph.settings import Settings
from tests.graph.clients import Client, dataset, model, serving
from tests.graph.recording_store import RecordingStore
from tests.graph.server_process import Start, await_ready, free_port, send

QUERY = "query Mine { models { nodes { name dataset { name } } } }"
NOTHING = {
    "calls": 0,
    "roundTrips": 0,
    "readUnits": 0,
    "writeUnits": 0,
    "itemsRead": 0,
    "itemsReturned": 0,
    "indexes": [],
}


def told(log: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """What the log's lines of requests tell, without what differs each time."""
    names = ("method", "kind", "operation", "status", "codes", "cost", "store")
    lines = [vars(r) for r in log.records if r.name == "graph.requests"]
    assert all(line["levelname"] == "INFO" and line["milliseconds"] > 0 for line in lines)
    return [{name: line[name] for name in names} for line in lines]


@pytest.mark.anyio
async def test_a_request_is_a_line_of_the_log_with_the_figures_that_its_sender_sees(
    recorded: RecordingStore, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(recorded, Settings()) as http:
        await Client(http).register(dataset(name="a"), model(datasets=[{"name": "a"}]))
        caplog.set_level(logging.INFO)
        caplog.clear()
        answer = await http.post(
            "/graphql", json={"query": QUERY}, headers={"x-explain": "store"}
        )

    assert told(caplog) == [
        {
            "method": "POST",
            "kind": "query",
            "operation": "Mine",
            "status": 200,
            "codes": [],
            "cost": answer.json()["extensions"]["cost"]["requested"],
            "store": answer.json()["extensions"]["store"],
        }
    ]
    ids = [vars(r)["request_id"] for r in caplog.records if r.name == "graph.requests"]
    assert ids == [answer.headers["x-request-id"]]
    assert answer.json()["extensions"]["store"]["calls"] == 2


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"json": {"query": "{"}}, ("none", 200, ["GRAPHQL_PARSE_FAILED"])),
        ({"json": {"query": "{ a }"}}, ("query", 200, ["GRAPHQL_VALIDATION_FAILED"])),
        ({"content": b"["}, ("none", 400, ["BAD_USER_INPUT"])),
        (
            {"json": {"query": 'mutation { reset(confirm: "") { deletedCount } }'}},
            ("mutation", 401, ["UNAUTHENTICATED"]),
        ),
        (
            {"method": "GET", "params": {"query": "{__typename}"}},
            ("none", 405, ["BAD_USER_INPUT"]),
        ),
    ],
)
async def test_what_is_refused_is_told_and_is_no_failure(
    recorded: RecordingStore,
    caplog: pytest.LogCaptureFixture,
    sent: dict[str, Any],
    expected: tuple[str, int, list[str]],
) -> None:
    caplog.set_level(logging.INFO)
    settings = Settings(auth_anonymous=Role.READ, queries_by_get=False)
    async with serving(recorded, settings) as http:
        headers = {"content-type": "application/json"}
        await http.request(**{"method": "POST", "url": "/graphql", "headers": headers, **sent})

    (line,) = told(caplog)
    assert (line["kind"], line["status"], line["codes"]) == expected
    assert line["store"] == NOTHING
    assert all(record.levelno <= logging.INFO for record in caplog.records)


@pytest.mark.anyio
async def test_a_span_that_is_recorded_has_the_figures(
    http: httpx.AsyncClient, client: Client
) -> None:
    await client.register(dataset(name="a"), model(datasets=[{"name": "a"}]))
    with TracerProvider().get_tracer("tests").start_as_current_span("request") as span:
        answer = await http.post(
            "/graphql", json={"query": QUERY}, headers={"x-explain": "store"}
        )

    store = answer.json()["extensions"]["store"]
    attributes = getattr(span, "attributes", {})
    assert {name: attributes[f"registry.store.{name}"] for name in store if store[name]} == {
        name: value for name, value in store.items() if value
    }
    assert attributes["graphql.operation.name"] == "Mine"
    assert attributes["graphql.operation.type"] == "query"
    assert attributes["registry.request.id"] == answer.headers["x-request-id"]
    assert attributes["registry.request.cost"] > 0


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_log_and_the_metrics_of_all_workers_agree(start: Start, workers: int) -> None:
    port, metrics = free_port(), free_port()
    server = start(
        *("--port", str(port), "--workers", str(workers)),
        METRICS_PORT=str(metrics),
        EMF_NAMESPACE="Registry",
    )
    await_ready(port)
    with in_flight(port):
        await_sample(metrics, "registry_requests_in_flight", 1)
    await_sample(metrics, "registry_requests_in_flight", 0)
    for _ in range(5):
        send(port, QUERY)
    httpx.post(f"http://127.0.0.1:{port}/graphql", json={"query": "{ nothing }"})
    samples = read_metrics(metrics)
    server.terminate()
    out, err = server.communicate(timeout=20)

    log = [line for line in map(json.loads, err.splitlines()[1:]) if line["event"] == "request"]
    emf = [json.loads(line) for line in out.splitlines()]
    assert samples['registry_requests_total{kind="query",status="200"}'] == 6
    assert samples['registry_errors_total{code="GRAPHQL_VALIDATION_FAILED"}'] == 1
    assert samples['registry_errors_total{code="BAD_USER_INPUT"}'] == 1
    assert len(processes(samples)) == (1 if workers == 1 else 1 + workers)
    assert server.pid in processes(samples)
    assert samples['registry_request_seconds_count{kind="query"}'] == 6
    assert samples['registry_store_total{what="calls"}'] == 5
    assert [line["store"]["calls"] for line in log] == [line["calls"] for line in emf]
    assert sum(line["calls"] for line in emf) == 5
    assert sum(line["errors"] for line in emf) == 2
    assert {line["operation"] for line in log} == {"Mine", None}
    assert emf[0]["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Registry"
    for metric in emf[0]["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
        assert isinstance(emf[0][metric["Name"]], int | float)


@pytest.mark.slow
def test_requests_of_a_worker_that_was_killed_are_not_in_flight_any_more(
    start: Start, tmp_path: Path
) -> None:
    port, metrics = free_port(), free_port()
    arguments = ("--port", str(port), "--workers", "2")
    server = start(*arguments, log=tmp_path / "log", METRICS_PORT=str(metrics))
    await_ready(port)
    send(port, QUERY)
    with in_flight(port):
        before = await_sample(metrics, "registry_requests_in_flight", 1)
        for worker in processes(before) - {server.pid}:
            os.kill(worker, signal.SIGKILL)
        after = await_sample(metrics, "registry_requests_in_flight", 0)
    await_ready(port)
    send(port, QUERY)
    samples = read_metrics(metrics)
    server.terminate()
    server.wait(timeout=20)

    assert processes(after) & processes(before) == {server.pid}
    assert samples["registry_requests_in_flight"] == 0
    assert samples['registry_requests_total{kind="query",status="200"}'] == 2


@pytest.mark.slow
def test_traces_are_sent_where_the_otel_variables_say(start: Start) -> None:
    port = free_port()
    with collecting() as (endpoint, collected):
        server = start(
            "--port", str(port), OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, OTEL_SERVICE_NAME="mine"
        )
        await_ready(port)
        query = 'query Mine { artifactExists(url: "https://a.example/?secret", type: CODE) }'
        answer = httpx.get(f"http://127.0.0.1:{port}/graphql", params={"query": query})
        server.terminate()
        server.communicate(timeout=20)

    assert answer.json()["data"] == {"artifactExists": False}
    assert set(collected) == {"/v1/traces", "/v1/metrics"}
    (request,) = collected["/v1/traces"]
    (resource,) = ExportTraceServiceRequest.FromString(request).resource_spans
    (span,) = (span for scope in resource.scope_spans for span in scope.spans)
    attributes = {a.key: a.value for a in span.attributes}
    assert span.name == "GET /graphql"
    assert attributes["graphql.operation.name"].string_value == "Mine"
    assert attributes["registry.store.calls"].int_value == 1
    assert attributes["registry.request.id"].string_value == answer.headers["x-request-id"]
    assert b"secret" not in request


def test_a_metrics_port_that_is_taken_stops_the_start(start: Start) -> None:
    port, taken = free_port(), free_port()
    start("--port", str(taken))
    await_ready(taken)

    _, err = start("--port", str(port), METRICS_PORT=str(taken)).communicate(timeout=20)

    assert f"METRICS_PORT: cannot listen on 127.0.0.1:{taken}: Address already in use" in err
    assert "Traceback" not in err


@contextmanager
def in_flight(port: int) -> Iterator[None]:
    """A request whose body does not come before the end of the block."""
    head = b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head + b"content-length: 2\r\n\r\n")
        yield
        with suppress(OSError):
            connection.sendall(b"{}")
            connection.recv(1)


def await_sample(port: int, name: str, value: float) -> dict[str, float]:
    """The metrics as soon as one of them has a value."""
    for _ in range(300):
        samples = read_metrics(port)
        if samples.get(name, 0) == value:
            return samples
        time.sleep(0.01)
    pytest.fail(f"{name} is not {value}")


def processes(samples: dict[str, float]) -> set[int]:
    """The ids of the processes that metrics tell of."""
    found = (
        re.fullmatch(r'process_cpu_seconds_total\{pid="(\d+)"\}', name) for name in samples
    )
    return {int(match[1]) for match in found if match}


@contextmanager
def collecting() -> Iterator[tuple[str, dict[str, list[bytes]]]]:
    """A collector of OpenTelemetry: its address, and what was sent to each of its paths."""
    collected: dict[str, list[bytes]] = {}

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collected.setdefault(self.path, []).append(body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", collected
        finally:
            server.shutdown()
            thread.join()


def read_metrics(port: int) -> dict[str, float]:
    text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}
