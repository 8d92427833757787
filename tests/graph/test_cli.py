"""The command line: how the server starts, fails to start, stops and survives a kill."""

import json
import signal
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from graph.cli import app as command
from graph.healthcheck import find_problem
from storage.sqlite.store import SqliteStore
from tests.graph.server_process import Start, await_ready, await_refused, free_port, send

REGISTER = """
mutation ($url: URL!) { registerModel(input: { url: $url }) { model { id } } }
"""


@pytest.mark.slow
def test_acknowledged_writes_survive_a_kill(start: Start) -> None:
    port = free_port()
    server = start("--port", str(port))
    await_ready(port)
    urls = [f"https://example.org/{n}" for n in range(20)]
    registered = [send(port, REGISTER, url=url)["registerModel"] for url in urls]

    server.send_signal(signal.SIGKILL)
    server.wait()
    start("--port", str(port))
    await_ready(port)

    query = "query ($url: URL!) { model(by: { url: $url }) { id } }"
    assert [{"model": send(port, query, url=url)["model"]} for url in urls] == registered


def test_the_sample_data_is_loaded_once_for_all_workers(start: Start, tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "there").mkdir()

    server = start(
        "--port", str(port), "--sample", "--workers", "2", SQLITE_PATH="there/sample.db"
    )
    await_ready(port)
    assert send(port, "{ artifacts { totalCount } }") == {"artifacts": {"totalCount": 41}}
    server.terminate()
    server.communicate(timeout=20)

    assert (tmp_path / "there" / "sample.db").is_file()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"STORE": "postgres"}, "STORE: must be 'sqlite' or 'dynamodb'"),
        ({"AWS_REGION": "moon"}, "AWS_REGION: String should match pattern"),
        ({"MAX_QUERY_COST": "0"}, "MAX_QUERY_COST: must be greater than or equal to 1"),
        ({"STORE_THREADS": "few"}, "STORE_THREADS: must be a valid integer"),
        ({"AUTH_ANONYMOUS": "root"}, "AUTH_ANONYMOUS: must be 'none', 'read'"),
        ({"AUTH_TOKENS": "ci:write:secret"}, "AUTH_TOKENS: entry 1 must have"),
        (
            {"AUTH_TOKENS": f"a:read:{'0' * 64},a:admin:{'1' * 64}"},
            "AUTH_TOKENS: two entries have the name 'a'",
        ),
        (
            {"AUTH_TOKENS": f"a:read:{'0' * 64}:2026-02-30"},
            "AUTH_TOKENS: entry 1 expires on 2026-02-30, which is no date",
        ),
        ({"AUTH_ALGORITHMS": ""}, "AUTH_ALGORITHMS: is empty; use one or more"),
        ({"RATE_LIMIT": "often"}, "RATE_LIMIT: 'often' is not a rate limit; use"),
        (
            {"AUTH_ISSUER": "https://a.example"},
            "AUTH_ISSUER and AUTH_AUDIENCE must",
        ),
        ({"AUTH_JWKS_URL": "http://a.example"}, "AUTH_JWKS_URL: must be an https"),
        ({"AUTH_ALGORITHMS": "RS256 HS256"}, "AUTH_ALGORITHMS: HS256 is not"),
        ({"AUTH_ALGORITHMS": "none"}, "AUTH_ALGORITHMS: none is not"),
    ],
)
def test_an_invalid_setting_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], message: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    result = CliRunner().invoke(command, [])

    assert result.exit_code == 2
    assert result.output.startswith(message)


def test_a_store_that_cannot_be_opened_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQLITE_PATH", "nowhere/at/all.db")

    result = CliRunner().invoke(command, ["--port", str(free_port())])

    assert result.exit_code == 1
    assert "nowhere/at/all.db" in result.stderr
    assert "Traceback" not in result.output


def test_a_port_that_is_in_use_stops_the_start() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(command, ["--port", str(port)])

    assert result.exit_code == 1
    assert result.output == f"Cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_an_unknown_host_stops_the_start() -> None:
    arguments = ["--host", "no.such.host.invalid", "--port", str(free_port())]
    result = CliRunner().invoke(command, arguments)

    assert result.exit_code == 1
    assert result.stderr.startswith("Cannot listen on no.such.host.invalid:")
    assert "Traceback" not in result.output


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3"])  # noqa: S104 - refused
@pytest.mark.parametrize("anonymous", [None, "write", "admin"])
def test_it_listens_on_loopback_only_while_anonymous_callers_may_write(
    host: str, anonymous: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if anonymous:
        monkeypatch.setenv("AUTH_ANONYMOUS", anonymous)

    result = CliRunner().invoke(command, ["--host", host])

    assert result.exit_code == 2
    role = anonymous or "admin"
    assert result.output.startswith(
        f"Refusing to listen on {host}: anyone who can reach this address would have the role"
        f" {role}.\nTo listen on another address than localhost, set AUTH_ANONYMOUS to none or"
        " read."
    )


def test_it_listens_anywhere_if_anonymous_callers_may_only_read(start: Start) -> None:
    printed = CliRunner().invoke(command, ["token", "ci", "--role", "write"])
    _, token, _, entry = printed.output.splitlines()
    port = free_port()
    start(
        "--host", "0.0.0.0", "--port", str(port),  # noqa: S104 - what is tested
        AUTH_ANONYMOUS="read", AUTH_TOKENS=entry,
    )  # fmt: skip
    await_ready(port)

    body = {"query": REGISTER, "variables": {"url": "https://example.org/a"}}
    url = f"http://127.0.0.1:{port}/graphql"
    statuses = [
        httpx.post(url, json=body, headers=headers).status_code
        for headers in ({}, {"authorization": f"Bearer {token}"})
    ]

    assert statuses == [401, 200]
    assert send(port, "{ models { totalCount } }") == {"models": {"totalCount": 1}}


def test_every_token_is_different() -> None:
    printed = [CliRunner().invoke(command, ["token", "ci"]).output for _ in range(2)]

    assert len({line for output in printed for line in output.splitlines()}) == 2 + 2 * 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a b"], "invalid name 'a b': use 1 to 64 letters, digits or any of _ . @ -\n"),
        (
            ["ci", "--role", "none"],
            "a token cannot have the role none: use read, write or admin\n",
        ),
    ],
)
def test_a_token_with_an_invalid_name_or_role_is_not_created(
    arguments: list[str], message: str
) -> None:
    result = CliRunner().invoke(command, ["token", *arguments])

    assert [result.exit_code, result.output] == [2, message]


def test_the_log_holds_no_secrets(start: Start, tmp_path: Path) -> None:
    port, secret = free_port(), "s3cr3t"
    url = f"https://example.org/a?token={secret}"
    rating = {"net_score": url.replace("://", f"://user:{secret}@")}
    server = start("--port", str(port))
    await_ready(port)
    send(port, REGISTER, url=url)
    with closing(sqlite3.connect(tmp_path / "artifacts.db")) as file, file:
        file.execute("UPDATE artifact SET rating = ?", [json.dumps(rating)])

    base = f"http://127.0.0.1:{port}"
    headers = {"authorization": f"Bearer {secret}{secret}"}
    result = httpx.post(f"{base}/graphql", json={"query": "{}"}, headers=headers)
    params = {"query": f'{{ model(by: {{ url: "{url}" }}) {{ rating {{ netScore }} }} }}'}
    failed = httpx.get(f"{base}/graphql", params=params).json()
    server.terminate()
    out, err = server.communicate(timeout=20)

    (error,) = failed["errors"]
    assert result.status_code == 401
    assert error["extensions"]["code"] == "INTERNAL"
    assert f"request {error['extensions']['requestId']} failed" in err
    assert "Traceback" in err
    assert "://***@example.org" in err
    assert '"method":"GET","kind":"query"' in err
    assert secret not in out + err


def test_a_stopped_server_finishes_running_requests_and_accepts_no_new_ones(
    start: Start, tmp_path: Path
) -> None:
    port = free_port()
    server = start("--port", str(port), GRACE_SECONDS="15")
    await_ready(port)
    assert find_problem(port) is None
    body = json.dumps(
        {"query": REGISTER, "variables": {"url": "https://example.org/a"}}
    ).encode()
    head = (
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\nexpect: 100-continue\r\n\r\n"
    )

    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1_000).startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(body[:20])
        server.terminate()
        await_refused(port)
        connection.sendall(body[20:])
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    _, err = server.communicate(timeout=15)

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert "Application shutdown complete" in err
    assert "Traceback" not in err
    registered = json.loads(answer.partition(b"\r\n\r\n")[2])["data"]["registerModel"]
    with closing(SqliteStore(tmp_path / "artifacts.db")) as store:
        assert [{"model": {"id": artifact.id}} for artifact in store.scan()] == [registered]
