"""The log line of each request."""

import logging
from typing import Any

import pytest

from graph.auth.roles import Role
from graph.settings import Settings
from tests.graph.clients import Client, dataset, model, serving
from tests.graph.recording_store import RecordingStore

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
