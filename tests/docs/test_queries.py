"""The queries of the README and of docs/ give the answers that stand below them."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from graph.app import build
from graph.settings import Settings
from storage.sqlite.store import SqliteStore
from storage.transfer.ndjson import import_sample
from tests.docs.blocks import PAGES, ROOT, Block, StandIns, blocks


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    store = SqliteStore(tmp_path / "artifacts.db")
    import_sample(store)
    transport = httpx.ASGITransport(build(store, Settings()))
    async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
        yield client
    store.close()


@pytest.mark.anyio
@pytest.mark.parametrize("page", PAGES)
async def test_queries_give_the_answers_shown(http: httpx.AsyncClient, page: str) -> None:
    stand_ins = StandIns()
    for query, variables, shown in asked(blocks(page)):
        response = await http.post(
            "/graphql",
            json={
                "query": stand_ins.replaced(query.text),
                "variables": json.loads(stand_ins.replaced(variables)),
            },
            headers=dict([query.more.split(": ")]) if query.more else {},
        )
        answer = response.json()
        if shown is None:
            assert "errors" not in answer, query.text
            continue
        said = json.loads(shown)
        whole = said.keys() <= {"data", "errors", "extensions"}
        answered = {name: answer[name] for name in said} if whole else answer["data"]
        assert list(stand_ins.differences(said, answered)) == [], query.text


def asked(found: list[Block]) -> Iterator[tuple[Block, str, str | None]]:
    """Each query of a page with its variables, and with its answer where one is shown."""
    variables = "{}"
    query: Block | None = None
    for block, following in pairwise([*found, Block("end", "", "")]):
        if block.language == "graphql":
            query, variables = block, "{}"
        elif (block.language, block.more) == ("json", "variables"):
            variables = block.text
        else:
            continue
        if query is not None and (following.language, following.more) != ("json", "variables"):
            shown = following.text if following.language == "json" else None
            yield query, variables, shown


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#\s]*)#?([^)]*)\)", (ROOT / page).read_text())

    targets = [((ROOT / page).parent / path if path else ROOT / page, to) for path, to in links]
    assert [path.name for path, _ in targets if not path.exists()] == []
    assert [to for path, to in targets if to and to not in anchors(path)] == []


def anchors(page: Path) -> set[str]:
    """What GitHub calls the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
