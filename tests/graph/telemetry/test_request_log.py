"""The log lines of requests and of the writes that they make."""

import logging
from typing import Any

import pytest

from graph.auth.roles import Role
from graph.auth.static_tokens import create_token
from graph.settings import Settings
from tests.graph.clients import Client, dataset, model, serving
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.mutations import (
    DELETE_ARTIFACT,
    RATE_MODEL,
    RESET,
    RESTORE_ARTIFACT,
    UPDATE_MODEL,
)

pytestmark = pytest.mark.anyio

QUERY = "query Mine { models { nodes { name dataset { name } } } }"
NO_USAGE = {
    "calls": 0,
    "roundTrips": 0,
    "readUnits": 0,
    "writeUnits": 0,
    "itemsRead": 0,
    "itemsReturned": 0,
    "indexes": [],
}


def read_lines(log: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Return the fields of the request lines, without those that differ each time."""
    names = ("method", "kind", "operation", "status", "codes", "cost", "store")
    lines = [vars(r) for r in log.records if r.name == "graph.requests"]
    assert all(line["levelname"] == "INFO" and line["milliseconds"] > 0 for line in lines)
    return [{name: line[name] for name in names} for line in lines]


async def test_the_line_of_a_request_has_the_figures_of_its_response(
    recorded: RecordingStore, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(recorded, Settings()) as http:
        await Client(http).register(dataset(name="a"), model(datasets=[{"name": "a"}]))
        caplog.set_level(logging.INFO)
        caplog.clear()
        answer = await http.post(
            "/graphql", json={"query": QUERY}, headers={"x-explain": "store"}
        )

    assert read_lines(caplog) == [
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


@pytest.mark.parametrize(
    ("request_", "expected"),
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
async def test_a_rejected_request_is_logged_at_level_info(
    recorded: RecordingStore,
    caplog: pytest.LogCaptureFixture,
    request_: dict[str, Any],
    expected: tuple[str, int, list[str]],
) -> None:
    caplog.set_level(logging.INFO)
    settings = Settings(auth_anonymous=Role.READ, queries_by_get=False)
    defaults: dict[str, Any] = {
        "method": "POST",
        "url": "/graphql",
        "headers": {"content-type": "application/json"},
    }
    async with serving(recorded, settings) as http:
        await http.request(**{**defaults, **request_})

    (line,) = read_lines(caplog)
    assert (line["kind"], line["status"], line["codes"]) == expected
    assert line["store"] == NO_USAGE
    assert all(record.levelno <= logging.INFO for record in caplog.records)


def read_writes(log: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Return the fields of the lines of writes."""
    names = ("msg", "request_id", "caller", "issuer", "artifact_id", "version", "kind")
    lines = [vars(r) for r in log.records if r.name == "graph.writes"]
    return [{name: line.get(name) for name in names} for line in lines]


async def test_each_write_has_a_line_with_its_caller_and_what_it_made(
    recorded: RecordingStore, caplog: pytest.LogCaptureFixture
) -> None:
    token, entry = create_token("alice", Role.ADMIN)
    caplog.set_level(logging.INFO)
    headers = {"authorization": f"Bearer {token}", "x-request-id": "mine"}
    async with serving(recorded, Settings(auth_tokens=(entry,))) as http:
        http.headers.update(headers)
        client = Client(http)
        bert, _ = await client.register(model(name="bert"), dataset())
        await client.data(UPDATE_MODEL, id=bert, input={"license": "mit"})
        await client.data(UPDATE_MODEL, id=bert, input={"license": "mit"})
        await client.data(RATE_MODEL, id=bert, rating={"netScore": 0.5})
        await client.data(DELETE_ARTIFACT, id=bert)
        await client.data(RESTORE_ARTIFACT, id=bert)

    lines = read_writes(caplog)
    assert all(
        (line["msg"], line["request_id"], line["caller"], line["issuer"])
        == ("write", "mine", "alice", None)
        for line in lines
    )
    assert [(line["kind"], line["version"]) for line in lines] == [
        ("REGISTERED", 1),
        ("REGISTERED", 1),
        ("UPDATED", 2),
        ("RATED", 3),
        ("DELETED", 4),
        ("RESTORED", 5),
    ]
    assert {line["artifact_id"] for line in lines[2:]} == {bert}


async def test_a_reset_has_a_line_with_its_caller(
    recorded: RecordingStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with serving(recorded, Settings()) as http:
        client = Client(http)
        await client.register(dataset())
        await client.data(RESET, confirm="registry.db")

    line = vars([r for r in caplog.records if r.name == "graph.writes"][-1])
    assert (line["msg"], line["caller"], line["deleted_count"]) == ("reset", None, 1)


async def test_the_line_of_a_request_names_the_caller(
    recorded: RecordingStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    token, entry = create_token("ci", Role.READ)
    settings = Settings(auth_tokens=(entry,), auth_anonymous=Role.READ)
    async with serving(recorded, settings) as http:
        for headers in ({"authorization": f"Bearer {token}"}, {}):
            await http.post("/graphql", json={"query": QUERY}, headers=headers)

    lines = [vars(record) for record in caplog.records if record.name == "graph.requests"]
    assert [(line["caller"], line["issuer"]) for line in lines] == [("ci", None), (None, None)]
    assert token not in caplog.text


async def test_the_name_of_an_operation_is_cut(
    recorded: RecordingStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with serving(recorded, Settings()) as http:
        query = {"query": f"query {'n' * 10_000} {{ __typename }}"}
        answer = await http.post("/graphql", json=query)

    assert answer.json()["data"] == {"__typename": "Query"}
    (line,) = read_lines(caplog)
    assert line["operation"] == "n" * 128
