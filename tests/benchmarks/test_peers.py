"""The Node.js servers give the same answers as the registry, and read what others wrote."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.benchmarks.comparison import check_same
from tests.benchmarks.fill import DATASET, MODEL, Size, make_fields, name_of, url_of
from tests.benchmarks.peer_table import connect, fill_peer_table
from tests.benchmarks.processes import (
    run_mercurius,
    run_registry,
    run_yoga,
    sqlite_env,
    table_env,
)
from tests.benchmarks.queries import make_queries
from tests.benchmarks.stores import fill_file, fill_table, open_table
from tests.storage.engines import LOCAL
from tests.storage.tables import delete_table

SIZE = Size(models=200, datasets=10, codes=100)
REGISTER = """mutation ($input: RegisterModelInput!) {
  registerModel(input: $input) { model { id } userErrors { code artifact { id } } }
}"""
FIND = """query ($name: String!, $url: URL!, $dataset: String!) {
  byName: model(by: { name: $name }) { id tags datasets { name } baseModels { name } }
  byUrl: model(by: { url: $url }) { id ...built }
  dataset(by: { name: $dataset }) { models(first: 50) { nodes { id } } }
}
fragment built on Model { dataset { name } baseModel { name ... on Model { code { url } } } }"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not LOCAL, reason="needs DynamoDB Local"),
    pytest.mark.skipif(not shutil.which("npm"), reason="needs npm"),
]


@pytest.fixture
def dynamodb_port() -> int:
    port = urlsplit(LOCAL or "").port
    assert port
    return port


@pytest.fixture
def peers(dynamodb_port: int, tmp_path: Path) -> Iterator[dict[str, int]]:
    table = f"peers_{tmp_path.name}"
    fill_peer_table(dynamodb_port, table, SIZE)
    env = table_env(dynamodb_port, table)
    with run_yoga(env) as yoga, run_mercurius(env) as mercurius:
        yield {"yoga": yoga.port, "mercurius": mercurius.port}
    delete_table(connect(dynamodb_port), table)


@pytest.mark.parametrize("linked_first", [True, False])
def test_all_servers_give_the_same_answers(
    dynamodb_port: int, peers: dict[str, int], tmp_path: Path, *, linked_first: bool
) -> None:
    table, file = f"benchmark_{tmp_path.name}", tmp_path / "registry.db"
    fill_table(dynamodb_port, table, SIZE, linked_first=linked_first)
    fill_file(file, SIZE)

    with (
        run_registry(table_env(dynamodb_port, table)) as ours,
        run_registry(sqlite_env(file)) as sqlite,
    ):
        ports = {"registry": ours.port, "registry on SQLite": sqlite.port, **peers}
        for query in make_queries(SIZE):
            asyncio.run(check_same(query, ports))

    with open_table(dynamodb_port, table) as store:
        assert list(store.check()) == []
        delete_table(store.client.control, table)


def test_one_peer_finds_what_the_other_registered(peers: dict[str, int]) -> None:
    number = SIZE.models
    dataset, base = name_of(DATASET, 3), name_of(MODEL, 5)
    links = {"datasets": [{"name": dataset}], "baseModels": [{"url": url_of(MODEL, 5)}]}
    fields = {"input": {**make_fields(MODEL, number), **links}}
    names = {"name": name_of(MODEL, number).upper(), "url": url_of(MODEL, number)}

    registered, again = (send(port, REGISTER, fields) for port in peers.values())
    found = [send(port, FIND, {**names, "dataset": dataset}) for port in peers.values()]

    model = registered["registerModel"]["model"]
    assert again["registerModel"]["userErrors"] == [
        {"code": "ALREADY_EXISTS", "artifact": model}
    ]
    assert found[0] == found[1]
    assert found[0]["byName"] == {
        **model,
        "tags": fields["input"]["tags"],
        "datasets": [{"name": dataset}],
        "baseModels": [{"name": base}],
    }
    assert found[0]["byUrl"]["dataset"] == {"name": dataset}
    assert found[0]["byUrl"]["baseModel"]["name"] == base
    assert found[0]["byUrl"]["baseModel"]["code"]
    assert model in found[0]["dataset"]["models"]["nodes"]


def send(port: int, query: str, variables: dict[str, Any]) -> Any:
    body = {"query": query, "variables": variables}
    answer = httpx.post(f"http://127.0.0.1:{port}/graphql", json=body, timeout=30).json()
    assert "errors" not in answer
    return answer["data"]
