"""Wrong settings and files of the server's commands are one line; SIGTERM is an orderly end."""

import signal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from graph.cli import app
from tests.graph.server_process import await_ready, free_port, starting


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("METRICS_PORT", "8000", "must be another port than --port, 8000"),
        ("REQUEST_SECONDS", "inf", "must be"),
        ("REQUEST_SECONDS", "nan", "must be"),
        ("STORE_SECONDS", "1e300", "must be less than or equal to 86400"),
        ("DRAIN_SECONDS", "inf", "must be"),
        ("AWS_READ_SECONDS", "inf", "must be"),
        ("MAX_REQUESTS", "99999999999999999999", "must be"),
        ("TRUSTED_DOCUMENTS", "/nope", "/nope is not a file"),
    ],
)
def test_a_wrong_setting_is_named_at_the_start(
    name: str, value: str, message: str, tmp_path: Path
) -> None:
    settings = {"SQLITE_PATH": str(tmp_path / "registry.db"), name: value}

    done = CliRunner().invoke(app, [], env=settings)

    assert done.exit_code == 2
    assert done.stderr.startswith(f"{name}: ")
    assert message in done.stderr.splitlines()[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"\xff\x00\x80" * 100, b"type Query {", b"type Query { a: B }"]
)
def test_a_file_that_is_no_schema_is_one_line(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "garbage.db"
    file.write_bytes(content)

    done = CliRunner().invoke(app, ["schema", "--against", str(file)])

    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith(f"{file} has no valid schema: ")


def test_a_missing_schema_is_not_called_outdated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(app, ["schema", "--check"])

    assert done.exit_code == 2
    assert done.stderr.startswith("there is no schema.graphql here")


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_is_stopped_exits_with_0(
    tmp_path: Path, number: signal.Signals, workers: str
) -> None:
    port = free_port()
    with starting(tmp_path) as start:
        server = start("--port", str(port), "--workers", workers, DRAIN_SECONDS="0")
        await_ready(port)

        server.send_signal(number)

        assert server.wait(30) == 0
