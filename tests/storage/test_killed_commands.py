"""Exports and backups that are killed leave nothing under the names of their files."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from storage.artifacts.writes import OnConflict
from storage.dynamodb.store import DynamoStore
from tests.storage.command_line import Run
from tests.storage.engines import LOCAL, REGION, opened
from tests.storage.samples import DATASET, new_artifact

pytestmark = [pytest.mark.slow, pytest.mark.serial]

ARTIFACTS = 500
_ATTEMPTS = 20
_BATCH = 100


@pytest.fixture(
    params=["sqlite", pytest.param("dynamodb-local", marks=pytest.mark.dynamodb_local)]
)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of a store with many artifacts."""
    if request.param != "sqlite" and not LOCAL:
        pytest.skip("other processes need DynamoDB Local")
    with opened(request.param, tmp_path / "registry.db") as store:
        for at in range(0, ARTIFACTS, _BATCH):
            batch = [
                new_artifact(DATASET, f"set {n}", description="long " * 400)
                for n in range(at, at + _BATCH)
            ]
            store.register(batch, OnConflict.REJECT)
        if isinstance(store, DynamoStore):
            common = {"STORE": "dynamodb", "AWS_REGION": REGION, "DDB_TABLE_NAME": store.name}
            yield {**common, "AWS_ENDPOINT_URL_DYNAMODB": str(LOCAL)}
        else:
            yield {}


def kill_while_writing(command: str, file: Path, environment: dict[str, str]) -> None:
    """Kill a command once it writes its file, which still has another name."""
    for _ in range(_ATTEMPTS):
        with subprocess.Popen(  # noqa: S603 - our own commands
            [sys.executable, "-m", "storage", command, file.name],
            env=environment,
            cwd=file.parent,
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as writing:
            while not list(file.parent.glob(f"{file.name}.*.partial")):
                assert writing.poll() is None or file.exists()
                if writing.poll() is not None:
                    break
            os.kill(writing.pid, signal.SIGKILL)
        if writing.returncode == -signal.SIGKILL:
            return
        file.unlink()  # it was quicker
    pytest.fail("the command always ended before it was killed")


def test_a_killed_export_leaves_no_file_and_can_be_repeated(
    run: Run, environment: dict[str, str], tmp_path: Path, settings: dict[str, str]
) -> None:
    file = tmp_path / "backup.ndjson"

    kill_while_writing("export", file, environment | settings)

    assert not file.exists()
    again = run("export", file.name, "--no-history", **settings)
    assert again.exit_code == 0
    names = [orjson.loads(line)["name"] for line in file.read_bytes().splitlines()]
    assert sorted(names) == sorted(f"set {n}" for n in range(ARTIFACTS))


def test_a_killed_backup_leaves_no_file_and_can_be_repeated(
    run: Run, environment: dict[str, str], tmp_path: Path, settings: dict[str, str]
) -> None:
    if settings:
        pytest.skip("tables are backed up by AWS")
    file = tmp_path / "backup.db"

    kill_while_writing("backup", file, environment)

    assert not file.exists()
    assert run("backup", file.name).exit_code == 0
    copy = run("export", "-", SQLITE_PATH=str(file)).stdout
    assert copy == run("export", "-").stdout
    assert copy.count('"type":"dataset"') == ARTIFACTS
