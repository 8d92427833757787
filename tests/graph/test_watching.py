"""What is told of requests: in the log, in metrics, in traces; the same figures everywhere."""

import json
import logging
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider

from graph.auth.roles import Role
from graph.settings import Settings
from tests.graph.clients import Client, dataset, model, serving
from tests.graph.servers import Start, await_ready, free_port, send
from tests.graph.stores import RecordingStore

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
    ],
)
async def test_what_is_refused_is_told_and_is_no_failure(
    recorded: RecordingStore,
    caplog: pytest.LogCaptureFixture,
    sent: dict[str, Any],
    expected: tuple[str, int, list[str]],
) -> None:
    caplog.set_level(logging.INFO)
    async with serving(recorded, Settings(auth_anonymous=Role.READ)) as http:
        headers = {"content-type": "application/json"}
        await http.post("/graphql", headers=headers, **sent)

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
    assert samples['registry_request_seconds_count{kind="query"}'] == 6
    assert samples['registry_store_total{what="calls"}'] == 5
    assert [line["store"]["calls"] for line in log] == [line["calls"] for line in emf]
    assert sum(line["calls"] for line in emf) == 5
    assert sum(line["errors"] for line in emf) == 1
    assert {line["operation"] for line in log} == {"Mine", None}
    assert emf[0]["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Registry"
    for metric in emf[0]["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
        assert isinstance(emf[0][metric["Name"]], int | float)


def test_a_metrics_port_that_is_taken_stops_the_start(start: Start) -> None:
    port, taken = free_port(), free_port()
    start("--port", str(taken))
    await_ready(taken)

    _, err = start("--port", str(port), METRICS_PORT=str(taken)).communicate(timeout=20)

    assert f"METRICS_PORT: cannot listen on 127.0.0.1:{taken}: Address already in use" in err
    assert "Traceback" not in err


def read_metrics(port: int) -> dict[str, float]:
    text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}
