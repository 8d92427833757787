"""Processes that are killed while they apply changes, or build, leave a copy that converges."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.dynamodb.store import DynamoStore
from storage.errors import SearchNotReadyError
from tests.storage.dynamodb.search.servers import listed, server, stored
from tests.storage.engines import ENDPOINT, LOCAL, table
from tests.storage.samples import DATASET, new_artifact
from tests.storage.store_calls import delete, register, update

pytestmark = [
    pytest.mark.slow,
    pytest.mark.serial,
    pytest.mark.dynamodb_local,
    pytest.mark.skipif(not LOCAL, reason="other processes need DynamoDB Local"),
]
KILLS = 12
ROOT = Path(__file__).parents[4]


@pytest.fixture
def shared() -> Iterator[DynamoStore]:
    with table() as made:
        yield made


@contextmanager
def reading(store: DynamoStore, folder: Path, task: str) -> Iterator[subprocess.Popen[str]]:
    """Start a process that reads the table; kill it at the end of the block."""
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
        "STORE": "dynamodb",
        "DDB_TABLE_NAME": store.name,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "SEARCH_INDEX_PATH": str(folder),
        "SEARCH_MAX_AGE": "0",
        ENDPOINT: LOCAL or "",
    }
    command = [sys.executable, "-m", "tests.storage.dynamodb.search.reading_process", task]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "next\n"
        yield process
        process.kill()


def listed_at_last(store: DynamoStore) -> list[str]:
    """The listing, once the copy is built."""
    end = time.monotonic() + 60
    while True:
        try:
            return sorted(listed(store))
        except SearchNotReadyError:
            assert time.monotonic() < end


@pytest.mark.parametrize("task", ["list", "build"])
def test_a_copy_converges_after_its_readers_were_killed(
    shared: DynamoStore, tmp_path: Path, task: str
) -> None:
    folder, draw = tmp_path / "copies", random.Random(task)  # noqa: S311 - no secret
    made = register(shared, *(new_artifact(DATASET, f"d{n}") for n in range(400)))
    for at in range(KILLS):
        with reading(shared, folder, task) as process, reading(shared, folder, "list"):
            end = time.monotonic() + draw.random()
            for number, artifact in enumerate(made[at::KILLS]):
                if time.monotonic() > end:
                    break
                update(shared, artifact, description=f"changed {at} " * 20)
                if number % 5 == 0:
                    delete(shared, artifact)
            assert process.poll() is None

        with server(shared, folder) as reader:
            assert listed_at_last(reader) == stored(shared)
            assert list(reader.check()) == []

    with server(shared, folder) as command:
        command.reindex(lambda *_: None)
    assert len(list(folder.rglob("*.db"))) == 1
