"""The Prometheus metrics of all workers, and their agreement with the log and with EMF."""

import json
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.graph.server_process import Start, await_ready, free_port, send

QUERY = "query Mine { models { nodes { name dataset { name } } } }"


def read_log(err: str) -> list[str]:
    """Return the lines of the log, without what the command says before."""
    return [line for line in err.splitlines() if line.startswith("{")]


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_log_the_metrics_and_emf_agree(start: Start, workers: int) -> None:
    port, metrics = free_port(), free_port()
    server = start(
        *("--port", str(port), "--workers", str(workers)),
        METRICS_PORT=str(metrics),
        EMF_NAMESPACE="Registry",
    )
    await_ready(port)
    await_processes(metrics, 1 if workers == 1 else 1 + workers)
    with request_in_flight(port):
        await_sample(metrics, "registry_requests_in_flight", 1)
    await_sample(metrics, "registry_requests_in_flight", 0)
    for _ in range(5):
        send(port, QUERY)
    httpx.post(f"http://127.0.0.1:{port}/graphql", json={"query": "{ nothing }"})
    # The second worker may have found the index only now.
    samples = await_sample(metrics, "registry_search_ready", 1)
    server.terminate()
    out, err = server.communicate(timeout=20)

    log = [line for line in map(json.loads, read_log(err)) if line["event"] == "request"]
    lines = [json.loads(line) for line in out.splitlines()]
    emf = [line for line in lines if "kind" in line]
    assert samples['registry_requests_total{kind="query",status="200"}'] == 6
    assert samples['registry_caller_requests_total{caller=""}'] == 7
    assert samples['registry_errors_total{code="GRAPHQL_VALIDATION_FAILED"}'] == 1
    assert samples['registry_errors_total{code="BAD_USER_INPUT"}'] == 1
    assert len(find_pids(samples)) == (1 if workers == 1 else 1 + workers)
    assert server.pid in find_pids(samples)
    assert samples['registry_request_seconds_count{kind="query"}'] == 6
    assert samples['registry_store_total{what="calls"}'] == 5
    assert [line["store"]["calls"] for line in log] == [line["calls"] for line in emf]
    assert sum(line["calls"] for line in emf) == 5
    assert sum(line["errors"] for line in emf) == 2
    assert {line["operation"] for line in log} == {"Mine", None}
    search = [line for line in lines if "kind" not in line]
    assert (search[0]["searchReady"], search[0]["searchProgress"]) == (1, 100.0)
    assert samples["registry_search_ready"] == samples["registry_search_progress"] == 1
    assert {"registry_search_age_seconds", "registry_search_size_bytes"} <= samples.keys()
    for line in (emf[0], search[0]):
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "Registry"
        for metric in directive["Metrics"]:
            assert isinstance(line[metric["Name"]], int | float)


def test_the_search_index_is_shown_before_the_first_query(start: Start) -> None:
    port, metrics = free_port(), free_port()
    start("--port", str(port), METRICS_PORT=str(metrics))
    await_ready(port)

    await_sample(metrics, "registry_search_ready", 1)
    assert read_samples(metrics)["registry_search_age_seconds"] == 0


@pytest.mark.slow
def test_the_requests_of_a_killed_worker_are_no_longer_in_flight(
    start: Start, tmp_path: Path
) -> None:
    port, metrics = free_port(), free_port()
    arguments = ("--port", str(port), "--workers", "2")
    server = start(*arguments, log=tmp_path / "log", METRICS_PORT=str(metrics))
    await_ready(port)
    send(port, QUERY)
    with request_in_flight(port):
        before = await_sample(metrics, "registry_requests_in_flight", 1)
        workers = find_pids(before) - {server.pid}
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        await_end(metrics, workers)
        await_sample(metrics, "registry_requests_in_flight", 0)
    await_ready(port)
    send(port, QUERY)
    samples = read_samples(metrics)
    server.terminate()
    server.wait(timeout=20)

    assert samples["registry_requests_in_flight"] == 0
    assert samples['registry_requests_total{kind="query",status="200"}'] == 2


def test_a_metrics_port_that_is_in_use_stops_the_start(start: Start) -> None:
    port, taken = free_port(), free_port()
    start("--port", str(taken))
    await_ready(taken)

    _, err = start("--port", str(port), METRICS_PORT=str(taken)).communicate(timeout=20)

    assert f"METRICS_PORT: cannot listen on 127.0.0.1:{taken}: Address already in use" in err
    assert "Traceback" not in err


@contextmanager
def request_in_flight(port: int) -> Iterator[None]:
    """A request whose body is sent only at the end of the block."""
    head = b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head + b"content-length: 2\r\n\r\n")
        yield
        with suppress(OSError):
            connection.sendall(b"{}")
            connection.recv(1)


def await_sample(port: int, name: str, value: float) -> dict[str, float]:
    """Wait until a metric has a value; return all metrics."""
    for _ in range(3_000):
        samples = read_samples(port)
        if samples.get(name, 0) == value:
            return samples
        time.sleep(0.01)
    pytest.fail(f"{name} is not {value}")


def await_processes(port: int, count: int) -> None:
    """Wait until so many processes have metrics."""
    for _ in range(3_000):
        if len(find_pids(read_samples(port))) == count:
            return
        time.sleep(0.01)
    pytest.fail(f"{find_pids(read_samples(port))} have metrics, not {count} processes")


def await_end(port: int, workers: set[int]) -> None:
    """Wait until killed workers have no metrics any more."""
    for _ in range(3_000):
        if not find_pids(read_samples(port)) & workers:
            return
        time.sleep(0.01)
    pytest.fail(f"{workers} still have metrics")


def find_pids(samples: dict[str, float]) -> set[int]:
    """Return the ids of the processes that have metrics."""
    matches = (
        re.fullmatch(r'process_cpu_seconds_total\{pid="(\d+)"\}', name) for name in samples
    )
    return {int(match[1]) for match in matches if match}


def read_samples(port: int) -> dict[str, float]:
    text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


@pytest.mark.slow
def test_open_subscriptions_are_a_gauge_and_no_requests_in_flight(start: Start) -> None:
    port, metrics = free_port(), free_port()
    start("--port", str(port), METRICS_PORT=str(metrics))
    await_ready(port)
    body = {"query": "subscription { changes { cursor } }"}
    headers = {"accept": "text/event-stream"}
    url = f"http://127.0.0.1:{port}/graphql"

    with httpx.stream("POST", url, json=body, headers=headers) as response:
        lines = response.iter_lines()
        next(lines)
        await_sample(metrics, "registry_subscriptions_open", 1)
        await_sample(metrics, "registry_requests_in_flight", 0)
        await_sample(metrics, 'registry_requests_total{kind="subscription",status="200"}', 1)
    await_sample(metrics, "registry_subscriptions_open", 0)
    await_sample(metrics, 'registry_subscriptions_ended_total{code=""}', 1)
