"""Requests leave nothing in memory that only the garbage collector can free.

The server lets it run seldom, so until then the data of hundreds of requests would stay.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from botocore.awsrequest import AWSResponse
from urllib3 import HTTPConnectionPool
from urllib3.response import BaseHTTPResponse

from graph.settings import Settings
from storage.artifacts.records import Artifact
from tests.graph.clients import BERT, BOOKS, TRAINER, Client, code, dataset, serving
from tests.storage.engines import ENGINES, opened

pytestmark = pytest.mark.anyio

KEPT = Artifact, AWSResponse, BaseHTTPResponse, HTTPConnectionPool, bytes
"""Large objects, and those that hold sockets."""
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
def collected_garbage() -> Iterator[list[object]]:
    """Collect the objects of the block that only the garbage collector can free."""
    objects: list[object] = []
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield objects
        gc.collect()
        objects += gc.garbage
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


@pytest.mark.parametrize("engine", [each for each in ENGINES if each != "moto"])
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
async def test_a_request_leaves_nothing_to_the_garbage_collector(
    engine: str, query: str, tmp_path: Path
) -> None:
    with opened(engine, tmp_path / "registry.db") as store:
        async with serving(store, Settings()) as http:
            client = Client(http)
            await client.register(dataset(BOOKS), code(TRAINER), {"model": VARIABLES["input"]})
            await client.data(query, **VARIABLES)

            with collected_garbage() as objects:
                await client.data(query, **VARIABLES)

    assert not [each for each in objects if isinstance(each, KEPT)]
    assert not [type(each) for each in objects if type(each).__module__.startswith("graph.")]
