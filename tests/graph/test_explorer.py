"""The explorer: served to browsers, from our own files where they are installed."""

import re
from pathlib import Path

import httpx
import pytest

import graph.explorer
from storage.transfer import import_sample
from tests.graph.clients import Client
from tests.graph.stores import RecordingStore

pytestmark = pytest.mark.anyio

HERE = Path(graph.explorer.__file__).parent
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
INSTALLED = (HERE / "node_modules").is_dir()


async def test_a_browser_gets_a_page_that_loads_only_what_it_may(
    http: httpx.AsyncClient,
) -> None:
    page = await http.get("/graphql", headers=BROWSER)

    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    hosts = {source.split("/")[2] for source in sources if source.startswith("https:")}
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert hosts == (set() if INSTALLED else {"cdn.jsdelivr.net"})
    assert ("npm install --prefix graph/explorer" in page.text) is not INSTALLED
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert ("https:" in policy) is not INSTALLED


async def test_the_files_of_the_page_are_served(http: httpx.AsyncClient) -> None:
    page = await http.get("/graphql", headers=BROWSER)
    own = re.findall(r'"(/explorer/[^"]+)"', page.text)

    served = [(await http.get(path)).status_code for path in own]

    assert served == [200] * (6 if INSTALLED else 2)


@pytest.mark.parametrize(
    "name",
    ["page.py", "explorer.html", "package.json", "..%2fapp.py", "..", "%2e%2e%2f__main__.py"],
)
async def test_other_files_are_not(http: httpx.AsyncClient, name: str) -> None:
    assert (await http.get(f"/explorer/{name}")).status_code in (404, 405)


async def test_a_browser_with_a_query_gets_its_answer(http: httpx.AsyncClient) -> None:
    answer = await http.get("/graphql", params={"query": "{ __typename }"}, headers=BROWSER)

    assert answer.json()["data"] == {"__typename": "Query"}


async def test_the_examples_work_on_the_sample_data(
    client: Client, recorded: RecordingStore
) -> None:
    import_sample(recorded)
    examples = re.findall(r"`(#[^`]+)`", (HERE / "explorer.js").read_text())

    models, dataset, lineage = [await client.data(example) for example in examples]

    nodes = models["models"]["nodes"]
    assert [node["name"] for node in nodes if not node["code"]] == [
        "mistralai/Mistral-7B-v0.1",
        "nreimers/MiniLM-L6-H384-uncased",
    ]
    assert [node["name"] for node in nodes if node["dataset"]]
    assert dataset["dataset"]["models"]["totalCount"] == 3
    assert {n["distance"] for n in lineage["model"]["lineage"]["nodes"]} == {1, 2}
