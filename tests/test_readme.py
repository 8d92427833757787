"""The README's query gives the README's answer."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from graph.app import build
from graph.settings import Settings
from storage.sqlite.store import SqliteStore
from storage.transfer import import_sample

README = (Path(__file__).parents[1] / "README.md").read_text()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    store = SqliteStore(tmp_path / "registry.db")
    import_sample(store)
    transport = httpx.ASGITransport(build(store, Settings()))
    async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
        yield client
    store.close()


@pytest.mark.anyio
async def test_the_query_gives_the_answer(http: httpx.AsyncClient) -> None:
    (query,) = blocks("graphql")
    (answer,) = blocks("json")

    response = await http.post("/graphql", json={"query": query})

    assert response.json()["data"] == json.loads(answer)


def test_every_setting_is_in_the_table_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)` \|", README, re.MULTILINE))

    assert rows == {
        name.upper(): _shown(field.default) for name, field in Settings.model_fields.items()
    }


def _shown(default: object) -> str:
    if default is None or default == ():
        return "unset"
    return " ".join(default) if isinstance(default, tuple) else str(default)


def test_the_first_two_commands_run_and_test_it() -> None:
    run, test = blocks("sh")[:2]

    assert run.strip().endswith("python -m graph --sample")
    assert test.strip().endswith("python -m pytest -q")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
