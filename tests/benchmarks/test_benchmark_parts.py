"""The parts of the benchmarks count and calculate exactly; nothing is timed here."""

import asyncio
import json
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from graphql import build_schema, find_breaking_changes, parse, validate

from storage.artifacts.records import Artifact, LookupField, Target
from storage.reverse_links import ReverseLinkQuery
from storage.sqlite.store import SqliteStore
from tests.benchmarks.comparison import check_same
from tests.benchmarks.fill import CODE, DATASET, MODEL, Size, fill, name_of
from tests.benchmarks.load import percentile, send_all
from tests.benchmarks.measurement import Measurement, ratio
from tests.benchmarks.messages import Message, read_message
from tests.benchmarks.processes import PEERS, ROOT, Server
from tests.benchmarks.proxy import Call, round_trips, run_proxy
from tests.benchmarks.queries import Query, make_queries
from tests.benchmarks.run_figures import combine_runs
from tests.benchmarks.stub import serve_recorded
from tests.benchmarks.systems import without_projections
from tests.benchmarks.tcp_server import close, run_server
from tests.storage.store_calls import find_target

REQUEST = b"POST / HTTP/1.1\r\nx-amz-target: Dynamo.GetItem\r\ncontent-length: %d\r\n\r\n%s"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
)


def test_percentiles_are_nearest_ranks() -> None:
    values = [15.0, 20.0, 35.0, 40.0, 50.0]

    percentiles = [percentile(values, share) for share in (0.05, 0.3, 0.4, 0.5, 0.99, 1.0)]

    assert percentiles == [15, 20, 20, 35, 50, 50]


def test_a_ratio_is_the_median_over_pairs_of_rounds() -> None:
    ours, theirs = Measurement(cpu_ms=[1, 10, 3]), Measurement(cpu_ms=[2, 10, 3])

    assert ratio(ours, theirs) == 1
    assert ratio(theirs, ours) == 1
    assert ratio(ours, Measurement(cpu_ms=[2, 40, 30])) == 0.25


def test_runs_are_combined_to_medians_and_the_range_of_ratios() -> None:
    runs = [
        [{"query": "page", "connections": 1, "cpu_ms": cpu, "cpu_to_yoga": ratio}]
        for cpu, ratio in ((9.0, 0.5), (3.0, 0.75), (4.0, 0.25))
    ]

    assert combine_runs(runs) == [
        {
            "query": "page",
            "connections": 1,
            "cpu_ms": 4.0,
            "cpu_to_yoga": 0.5,
            "yoga_range": "0.25 to 0.75",
        }
    ]


def test_the_lock_file_names_every_package_with_its_hash_and_no_registry() -> None:
    lock = json.loads((PEERS / "package-lock.json").read_text())
    own, *packages = lock["packages"].values()

    assert (
        own["dependencies"] == json.loads((PEERS / "package.json").read_text())["dependencies"]
    )
    assert all("integrity" in package for package in packages)
    assert not any("resolved" in package for package in packages)


def test_round_trips_are_the_longest_chain_of_calls() -> None:
    def call(started: float, ended: float) -> Call:
        return Call("Query", b"", b"", started, ended)

    concurrent, after_the_first = [call(0, 2), call(0, 9)], call(3, 4)

    assert round_trips([]) == 0
    assert round_trips(concurrent) == 1
    assert round_trips([*concurrent, after_the_first]) == 2
    assert round_trips([call(4, 5), call(0, 1), call(2, 3)]) == 3


def test_projections_are_removed_from_calls() -> None:
    query = {"Limit": 2, "KeyConditionExpression": "#p = :p", "ProjectionExpression": "#a, #p"}
    names = {"ExpressionAttributeNames": {"#p": "type", "#a": "url"}}
    keys = {"Keys": [], "ProjectionExpression": "#a", "ExpressionAttributeNames": {"#a": "url"}}
    calls = [
        Call("Query", json.dumps(parameters).encode(), b"", 0, 0)
        for parameters in (query | names, {"RequestItems": {"table": keys}})
    ]

    queried, read = (json.loads(without_projections(call).body) for call in calls)

    assert queried == {
        "Limit": 2,
        "KeyConditionExpression": "#p = :p",
        "ExpressionAttributeNames": {"#p": "type"},
    }
    assert read == {"RequestItems": {"table": {"Keys": []}}}


def test_a_proxy_counts_every_call_and_what_went_concurrent() -> None:
    async def record() -> list[Call]:
        answers = {b"a": b"1", b"b": b"2", b"c": b"3"}
        async with run_server(0, serve_recorded(answers)) as store, run_proxy(store) as proxy:
            await asyncio.gather(send(proxy.port, b"a"), send(proxy.port, b"b"))
            await send(proxy.port, b"c")
            return proxy.calls

    calls = asyncio.run(record())

    assert sorted((call.operation, call.body, call.answer) for call in calls) == [
        ("GetItem", b"a", b"1"),
        ("GetItem", b"b", b"2"),
        ("GetItem", b"c", b"3"),
    ]
    assert round_trips(calls) == 2


def test_a_stub_store_answers_unknown_calls_with_an_error() -> None:
    async def call_stub() -> list[Message]:
        async with run_server(0, serve_recorded({b"known": b"answer"})) as port:
            return [await send(port, body) for body in (b"known", b"unknown")]

    known, unknown = asyncio.run(call_stub())

    assert known.content == b"answer"
    assert unknown.head.startswith(b"HTTP/1.1 400")


def test_a_chunked_message_is_read_and_forwarded_completely() -> None:
    async def read() -> Message:
        reader = asyncio.StreamReader()
        reader.feed_data(CHUNKED)
        return await read_message(reader)

    message = asyncio.run(read())

    assert message.content == b"abcde"
    assert message.wire == CHUNKED


@pytest.mark.parametrize("content", [b'{"errors":[]}', b'{"data":{"model":null}}'])
def test_a_failed_request_stops_the_measurement(content: bytes) -> None:
    async def measure() -> None:
        async with run_server(0, serve_recorded({b"{}": content})) as port:
            await send_all(port, [b"{}"], connections=1)

    with pytest.raises(RuntimeError, match="was answered"):
        asyncio.run(measure())


def test_servers_with_different_answers_are_not_measured() -> None:
    query = Query("one", "{ models { nodes { id } } }")

    async def check(*contents: bytes) -> None:
        async with AsyncExitStack() as servers:
            ports = [
                await servers.enter_async_context(
                    run_server(0, serve_recorded({query.body(0): content}))
                )
                for content in contents
            ]
            await check_same(query, {str(port): port for port in ports})

    asyncio.run(check(b'{"data": {"a": 1}}', b'{"data":{"a":1},"extensions":{}}'))
    with pytest.raises(RuntimeError, match="the answers to one differ"):
        asyncio.run(check(b'{"data": {"a": 1}}', b'{"data":{"a":2}}'))


def test_every_body_is_sent_once_over_several_connections() -> None:
    async def measure() -> int:
        bodies = [b"%d" % n for n in range(40)]
        async with run_server(0, serve_recorded(dict.fromkeys(bodies, b"{}"))) as port:
            return len((await send_all(port, bodies, connections=16)).latencies)

    assert asyncio.run(measure()) == 40


def test_cpu_time_includes_children() -> None:
    use_cpu = "import time\nwhile time.process_time() < 0.1: pass\n"
    child = f"{use_cpu}print('ready', flush=True)\ninput()"
    parent = (
        f"import subprocess, sys\n{use_cpu}subprocess.run([sys.executable, '-c', {child!r}])"
    )
    with subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        used = Server(process, port=0).cpu_seconds_by_process()
        process.communicate(b"\n")

    assert len(used) == 2
    assert all(seconds >= 0.1 for seconds in used.values())


@pytest.mark.parametrize("linked_first", [True, False])
def test_filled_models_are_rated_and_linked_by_name(
    tmp_path: Path, *, linked_first: bool
) -> None:
    store = SqliteStore(tmp_path / "registry.db")

    fill(store, Size(60, 5, 10), linked_first=linked_first)
    fill(store, Size(60, 5, 10), linked_first=linked_first)

    target = Target(DATASET, LookupField.NAME, name_of(DATASET, 0))
    dataset = find_target(store, target)
    assert dataset is not None
    (models,) = store.read_reverse_links([ReverseLinkQuery(dataset, 100)])
    linked = [entry.artifact for entry in models.entries]
    targets = store.resolve([r.target for model in linked for r in model.references])
    assert [model.name for model in linked] == [name_of(MODEL, n) for n in range(0, 60, 5)]
    assert all(model.rating for model in linked)
    found = [artifact for artifact in targets.values() if isinstance(artifact, Artifact)]
    assert {artifact.type for artifact in found} == {DATASET, CODE}
    stamps = {r.resolved and r.resolved.version for model in linked for r in model.references}
    assert stamps == ({1} if linked_first else {None})
    store.close()


def test_the_peers_have_a_subset_of_the_schema_with_all_queries() -> None:
    whole = build_schema((ROOT / "schema.graphql").read_text())
    subset = build_schema((PEERS / "schema.graphql").read_text())

    assert find_breaking_changes(subset, whole) == []
    for query in make_queries():
        assert validate(subset, parse(query.text)) == []


async def send(port: int, body: bytes) -> Message:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUEST % (len(body), body))
    message = await read_message(reader)
    await close(writer)
    return message
