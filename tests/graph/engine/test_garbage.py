"""Requests leave nothing behind that the garbage collector would have to find.

It is told to look seldom, so until it did the server would keep what hundreds of requests read.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from graph.settings import Settings
from storage.artifacts.records import Artifact
from storage.dynamodb.client.connection import Connection
from tests.graph.clients import BERT, BOOKS, TRAINER, Client, code, dataset, serving
from tests.storage.engines import ENGINES, opened

pytestmark = pytest.mark.anyio

QUERIES = {
    "page": "{ models(first: 5) { nodes { name dataset { name } codes { name } } } }",
    "model": "query ($model: URL!) { model(by: { url: $model }) { datasets { name } } }",
    "dataset": """query ($dataset: URL!) {
      dataset(by: { url: $dataset }) { models { nodes { name } } }
    }""",
    "change": """mutation ($input: RegisterModelInput!) {
      registerModel(input: $input, onConflict: UPDATE) { model { version dataset { name } } }
    }""",
}
VARIABLES = {
    "model": BERT,
    "dataset": BOOKS,
    "input": {"url": BERT, "datasets": [{"url": BOOKS}], "codes": [{"url": TRAINER}]},
}


@contextmanager
def garbage() -> Iterator[list[object]]:
    """What only the garbage collector finds to be garbage while the block runs."""
    found: list[object] = []
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield found
        gc.collect()
        found += gc.garbage
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


@pytest.mark.parametrize("engine", [each for each in ENGINES if each != "moto"])
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
async def test_nothing_that_was_read_waits_for_the_garbage_collector(
    engine: str, query: str, tmp_path: Path
) -> None:
    with opened(engine, tmp_path / "registry.db") as store:
        async with serving(store, Settings()) as http:
            client = Client(http)
            await client.register(dataset(BOOKS), code(TRAINER), {"model": VARIABLES["input"]})
            await client.data(query, **VARIABLES)

            with garbage() as found:
                await client.data(query, **VARIABLES)

    assert not [each for each in found if isinstance(each, Artifact | Connection | bytes)]
    assert not [type(each) for each in found if type(each).__module__.startswith("graph.")]
