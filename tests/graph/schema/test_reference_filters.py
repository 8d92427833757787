"""Filters of models by their references."""

import pytest

from tests.graph.clients import Client, code, dataset, model
from tests.graph.schema.model_pages import URL, read_names

pytestmark = pytest.mark.anyio

REFERENCES = (
    dataset(f"{URL}books", name="books"),
    dataset(f"{URL}web", name="web"),
    code(f"{URL}trainer", name="trainer"),
    model(f"{URL}base", name="base"),
    model(
        f"{URL}a",
        name="a",
        datasets=[{"name": "Books", "role": "TRAINED_ON"}, {"name": "web"}],
        codes=[{"url": f"{URL}trainer"}],
    ),
    model(
        f"{URL}b",
        name="b",
        datasets=[{"url": f"{URL}books", "role": "EVALUATED_ON"}],
        baseModels=[{"name": "base", "role": "QUANTIZED"}],
    ),
    model(f"{URL}c", name="c", datasets=[{"name": "missing"}]),
)
BOOKS = {"name": " BOOKS "}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([{}], ["a", "b", "c"]),
        ([{"kind": "CODE"}], ["a"]),
        ([{"role": "QUANTIZED"}], ["b"]),
        ([{"kind": "DATASET", "target": BOOKS}], ["a", "b"]),
        ([{"target": {"url": f"{URL}books"}}], ["a", "b"]),
        ([{"kind": "CODE", "target": BOOKS}], []),
        ([{"target": {"name": "missing"}}], []),
        ([{"target": {"name": " "}}], []),
        ([{"target": {"id": "not an id"}}], []),
        ([{"target": BOOKS, "role": "TRAINED_ON"}], ["a"]),
        ([{"target": BOOKS, "role": "FINE_TUNED_ON"}], []),
        ([{"target": BOOKS}, {"kind": "BASE_MODEL"}], ["b"]),
        ([{"states": ["RESOLVED"]}], ["a", "b"]),
        ([{"states": ["UNRESOLVED", "LOST"]}], ["c"]),
        ([{"states": []}], []),
        ([{"kind": None, "role": None, "target": None, "states": None}], ["a", "b", "c"]),
        ([], ["a", "b", "base", "c"]),
    ],
)
async def test_filter_by_reference(
    client: Client, filters: list[dict[str, object]], expected: list[str]
) -> None:
    await client.register(*REFERENCES)

    assert await read_names(client, filter={"references": filters}) == expected
