"""While another process locks the file, writes fail in time and reads work."""

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from graph.settings import Settings
from storage.sqlite.store import SqliteStore
from tests.graph.clients import Client, dataset, serving

pytestmark = [pytest.mark.anyio, pytest.mark.serial]

SECONDS = 5
DATASETS = "{ datasets { totalCount } }"
REGISTER = """
mutation ($url: URL!) { registerDataset(input: { url: $url }) { dataset { version } } }
"""


async def test_a_locked_file_fails_writes_in_time_but_not_reads(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    urls = [f"https://example.org/{n}" for n in range(40)]
    async with serving(SqliteStore(path), Settings(store_seconds=0.3)) as http:
        client = Client(http)
        await client.register(dataset())
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            async with asyncio.TaskGroup() as group:
                writes = [group.create_task(client.error(REGISTER, url=url)) for url in urls]
                read = group.create_task(client.data(DATASETS))
                ready = group.create_task(http.get("/readyz"))
            took = time.monotonic() - began
        after = await client.data(REGISTER, url=urls[0])

    assert {task.result()[0] for task in writes} == {"STORE_UNAVAILABLE"}
    assert read.result() == {"datasets": {"totalCount": 1}}
    assert ready.result().status_code == 200
    assert took < SECONDS
    assert after == {"registerDataset": {"dataset": {"version": 1}}}
