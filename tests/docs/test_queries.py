"""Checks that the queries of the documentation give the answers shown, and that links work."""

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
from storage.transfer.importing import import_sample
from tests.docs.blocks import END, PAGES, ROOT, Block, Placeholders, read_blocks


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["engine", "graphql-core"])
async def http(
    tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[httpx.AsyncClient]:
    store = SqliteStore(tmp_path / "artifacts.db")
    import_sample(store)
    transport = httpx.ASGITransport(build(store, Settings(executor=request.param)))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    store.close()


@pytest.mark.anyio
@pytest.mark.parametrize("page", PAGES)
async def test_queries_give_the_answers_shown(http: httpx.AsyncClient, page: str) -> None:
    placeholders = Placeholders()
    for query, variables, shown_as in find_queries(read_blocks(page)):
        response = await http.post(
            "/graphql",
            json={
                "query": placeholders.substitute(query.text),
                "variables": json.loads(placeholders.substitute(variables)),
            },
            headers=dict([query.label.split(": ")]) if query.label else {},
        )
        answer = response.json()
        if shown_as.language != "json":
            assert "errors" not in answer, query.text
            charts = [shown_as.text] if shown_as.language == "mermaid" else []
            assert list(find_charts(answer["data"])) == charts, query.text
            continue
        shown = json.loads(shown_as.text)
        is_whole = shown.keys() <= {"data", "errors", "extensions"}
        actual = {name: answer[name] for name in shown} if is_whole else answer["data"]
        assert list(placeholders.find_differences(shown, actual)) == [], query.text


def find_charts(answer: object) -> Iterator[object]:
    """Find the values of the field `mermaid` in an answer."""
    if isinstance(answer, dict):
        yield from (value for name, value in answer.items() if name == "mermaid")
        answer = list(answer.values())
    if isinstance(answer, list):
        for item in answer:
            yield from find_charts(item)


def find_queries(blocks: list[Block]) -> Iterator[tuple[Block, str, Block]]:
    """Find each query of a page with its variables, and with the block that follows it.

    If that is JSON, it is the answer; if it is Mermaid, it is the only flowchart in the answer.
    """
    variables = "{}"
    query: Block | None = None
    for block, following in pairwise([*blocks, END]):
        if block.language == "graphql":
            query, variables = block, "{}"
        elif (block.language, block.label) == ("json", "variables"):
            variables = block.text
        else:
            continue
        if query is not None and (following.language, following.label) != ("json", "variables"):
            yield query, variables, following


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_existing_targets(page: str) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#\s]*)#?([^)]*)\)", (ROOT / page).read_text())

    targets = [
        ((ROOT / page).parent / path if path else ROOT / page, anchor) for path, anchor in links
    ]
    assert [path.name for path, _ in targets if not path.exists()] == []
    missing = [anchor for path, anchor in targets if anchor and anchor not in anchors(path)]
    assert missing == []


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes from the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
