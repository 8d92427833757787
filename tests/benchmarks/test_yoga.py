"""The Yoga server answers as the registry does, and leaves nothing wrong behind."""

import asyncio
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.benchmarks.comparison import check_same
from tests.benchmarks.fill import Size
from tests.benchmarks.processes import registry, sqlite_env, table_env, yoga
from tests.benchmarks.queries import compared
from tests.benchmarks.stores import fill_file, fill_table, open_table
from tests.storage.engines import LOCAL

SIZE = Size(models=200, datasets=10, codes=100)


@pytest.mark.slow
@pytest.mark.skipif(not LOCAL, reason="both read DynamoDB Local")
@pytest.mark.skipif(not shutil.which("npm"), reason="Yoga runs on Node")
@pytest.mark.parametrize("linked_first", [True, False])
def test_both_ports_and_both_stores_answer_alike(tmp_path: Path, *, linked_first: bool) -> None:
    port = urlsplit(LOCAL).port
    assert port
    table, file = f"benchmark_{tmp_path.name}", tmp_path / "registry.db"
    fill_table(port, table, SIZE, linked_first=linked_first)
    fill_file(file, SIZE)
    env = table_env(port, table)

    with registry(env) as ours, yoga(env) as theirs, registry(sqlite_env(file)) as embedded:
        ports = {"ours": ours.port, "theirs": theirs.port, "embedded": embedded.port}
        for query in compared(SIZE):
            asyncio.run(check_same(query, ports))

    with open_table(port, table) as store:
        assert list(store.check()) == []
        store.client.boto.delete_table(TableName=table)
