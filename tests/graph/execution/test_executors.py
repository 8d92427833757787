"""The setting EXECUTOR chooses what executes requests."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from graph.settings import Settings
from storage.sqlite.store import SqliteStore
from tests.graph.clients import BERT, BOOKS, Client, dataset, model, serving

pytestmark = pytest.mark.anyio

QUERY = """
query ($first: Int, $brief: Boolean!) {
  models(first: $first) {
    totalCount
    nodes { name dataset { name models { nodes { url } } } tags @skip(if: $brief) }
  }
}
"""


@pytest.mark.parametrize("executor", ["engine", "graphql-core"])
async def test_both_executors_serve_requests(tmp_path: Path, executor: str) -> None:
    store = SqliteStore(tmp_path / "registry.db")
    settings = Settings.model_validate({"executor": executor})
    async with serving(store, settings) as http:
        client = Client(http)
        await client.register(
            dataset(name="books"), model(name="bert", datasets=[{"url": BOOKS}], tags=["nlp"])
        )
        brief = await client.data(QUERY, first=5, brief=True)
        full = await client.data(QUERY, first=5, brief=False)
        wrong = await client.send(QUERY, first="x", brief=True)
    store.close()

    node = {"name": "bert", "dataset": {"name": "books", "models": {"nodes": [{"url": BERT}]}}}
    assert brief == {"models": {"totalCount": 1, "nodes": [node]}}
    assert full == {"models": {"totalCount": 1, "nodes": [{**node, "tags": ["nlp"]}]}}
    assert "data" not in wrong


def test_there_are_no_other_executors() -> None:
    with pytest.raises(ValidationError, match="'engine' or 'graphql-core'"):
        Settings.model_validate({"executor": "cython"})
