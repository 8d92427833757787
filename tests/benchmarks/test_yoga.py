"""The Yoga server gives the same answers as the registry, and writes consistent items."""

import asyncio
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.benchmarks.comparison import check_same
from tests.benchmarks.fill import Size
from tests.benchmarks.processes import run_registry, run_yoga, sqlite_env, table_env
from tests.benchmarks.queries import make_queries
from tests.benchmarks.stores import fill_file, fill_table, open_table
from tests.storage.engines import LOCAL
from tests.storage.tables import delete_table

SIZE = Size(models=200, datasets=10, codes=100)


@pytest.mark.slow
@pytest.mark.skipif(not LOCAL, reason="needs DynamoDB Local")
@pytest.mark.skipif(not shutil.which("npm"), reason="needs npm")
@pytest.mark.parametrize("linked_first", [True, False])
def test_all_servers_give_the_same_answers(tmp_path: Path, *, linked_first: bool) -> None:
    port = urlsplit(LOCAL).port
    assert port
    table, file = f"benchmark_{tmp_path.name}", tmp_path / "registry.db"
    fill_table(port, table, SIZE, linked_first=linked_first)
    fill_file(file, SIZE)
    env = table_env(port, table)

    with (
        run_registry(env) as ours,
        run_yoga(env) as yoga,
        run_registry(sqlite_env(file)) as sqlite,
    ):
        ports = {"registry": ours.port, "yoga": yoga.port, "registry on SQLite": sqlite.port}
        for query in make_queries(SIZE):
            asyncio.run(check_same(query, ports))

    with open_table(port, table) as store:
        # The Yoga server keeps no log of changes, from which the search index would learn.
        assert {each.message for each in store.check()} <= {
            "is not in the log",
            "is not in the search index",
        }
        delete_table(store.client.control, table)
