"""The explorer's page and its files, installed or from a CDN."""

import re
from html import unescape
from pathlib import Path

import httpx
import pytest

import graph.graphiql
from storage.transfer.importing import import_sample
from tests.graph.clients import Client
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

HERE = Path(graph.graphiql.__file__).parent
DOCS = HERE.parents[1] / "docs"
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
INSTALLED = (HERE / "node_modules").is_dir()
CDN = "https://cdn.jsdelivr.net"
FROM_CDN = "/graphql?graphiql=cdn"
WORKER = "/explorer/lineage-layout.js"


async def test_the_page_loads_only_files_of_this_server(
    http: httpx.AsyncClient,
) -> None:
    page = await http.get("/graphql", headers=BROWSER)

    assert [page.status_code, page.headers["content-type"]] == [200, "text/html; charset=utf-8"]
    assert [source for source in find_sources(page) if not source.startswith("explorer/")] == [
        "data:,"
    ]
    assert ("npm install --prefix graph/graphiql" in page.text) is not INSTALLED
    assert ('href="?graphiql=cdn"' in page.text) is not INSTALLED
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-")
    assert "https:" not in policy
    assert "unsafe" not in policy


async def test_the_page_loads_graphiql_from_a_cdn_on_request(http: httpx.AsyncClient) -> None:
    page = await http.get(FROM_CDN, headers=BROWSER)

    assert sum(source.startswith(f"{CDN}/npm/") for source in find_sources(page)) == 6
    policy = page.headers["content-security-policy"]
    assert f"script-src 'self' {CDN}; style-src 'self' {CDN} 'nonce-" in policy
    assert policy.count(CDN) == 2


async def test_the_nonce_is_new_for_each_page(http: httpx.AsyncClient) -> None:
    pages = [await http.get(FROM_CDN, headers=BROWSER) for _ in range(2)]

    policies = [page.headers["content-security-policy"] for page in pages]
    nonces = [re.findall('nonce="([^"]{43})"', page.text) for page in pages]
    assert nonces[0] != nonces[1]
    for policy, (nonce,) in zip(policies, nonces, strict=True):
        assert f"'nonce-{nonce}'" in policy


async def test_the_files_that_the_page_loads_are_served(http: httpx.AsyncClient) -> None:
    page = await http.get("/graphql" if INSTALLED else FROM_CDN, headers=BROWSER)
    sources = [source for source in find_sources(page) if source.startswith("explorer/")]
    scripts = [f"explorer/{path.name}" for path in HERE.glob("*.js")]

    served = [(await http.get(f"/{path}")).status_code for path in [*sources, *scripts]]

    assert len(sources) == (9 if INSTALLED else 3)
    assert set(served) == {200}


async def test_the_worker_may_load_only_what_the_page_may(http: httpx.AsyncClient) -> None:
    policies = [
        (await http.get(url)).headers["content-security-policy"]
        for url in (WORKER, f"{WORKER}?graphiql=cdn")
    ]

    assert policies == [
        "default-src 'none'; script-src 'self'",
        f"default-src 'none'; script-src 'self' {CDN}",
    ]


def find_sources(page: httpx.Response) -> list[str]:
    """Return the URLs that a page loads, without its hyperlinks."""
    return re.findall(
        r'<(?:script|link|div)\b[^>]* (?:src|href|data-dagre)="([^"]+)"', page.text
    )


@pytest.mark.parametrize("name", sorted(path.name for path in DOCS.glob("*.md")))
async def test_the_documentation_is_served(http: httpx.AsyncClient, name: str) -> None:
    page = await http.get(f"/explorer/{name}")

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    (shown,) = re.findall("<pre>(.*)</pre>", page.text, re.DOTALL)
    assert unescape(shown) == (DOCS / name).read_text()
    links = re.findall('<a href="([^"]+)">', page.text)
    assert links == ["../graphql", *sorted(path.name for path in DOCS.glob("*.md"))]
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-")


@pytest.mark.parametrize(
    "name",
    [
        "documentation.html",
        "README.md",
        "page.py",
        "explorer.html",
        "package.json",
        "..%2fapp.py",
        "%2e%2e%2f__main__.py",
    ],
)
async def test_other_files_are_not_served(http: httpx.AsyncClient, name: str) -> None:
    assert (await http.get(f"/explorer/{name}")).status_code in (404, 405)


async def test_a_browser_that_sends_a_query_gets_its_response(http: httpx.AsyncClient) -> None:
    answer = await http.get("/graphql", params={"query": "{ __typename }"}, headers=BROWSER)

    assert answer.json()["data"] == {"__typename": "Query"}


async def test_the_examples_work_on_the_sample_data(
    client: Client, recorded: RecordingStore
) -> None:
    import_sample(recorded)
    examples = re.findall(r"`(#[^`]+)`", (HERE / "examples.js").read_text())

    models, dataset, lineage, registered, search = [
        await client.data(example) for example in examples
    ]

    nodes = models["models"]["nodes"]
    assert [node["name"] for node in nodes if not node["code"]] == [
        "mistralai/Mistral-7B-v0.1",
        "nreimers/MiniLM-L6-H384-uncased",
    ]
    assert [node["name"] for node in nodes if node["dataset"]]
    assert dataset["dataset"]["models"]["totalCount"] == 3
    reached = lineage["model"]["lineage"]["nodes"]
    assert {(node["upstreamDistance"], node["artifact"]["name"]) for node in reached} == {
        (1, "sst2"),
        (1, "glue"),
        (1, "huggingface/transformers"),
        (1, "distilbert/distilbert-base-uncased"),
        (2, "bookcorpus"),
        (2, "wikipedia"),
        (2, "google-bert/bert-base-uncased"),
    }
    assert registered["registerModel"]["userErrors"] == []
    model = registered["registerModel"]["model"]
    assert [model[kind]["name"] for kind in ("dataset", "code", "baseModel")] == [
        "openwebtext",
        "huggingface/transformers",
        "FacebookAI/roberta-base",
    ]
    assert [node["name"] for node in search["artifacts"]["nodes"]] == [
        "deepset/roberta-base-squad2",
        "distilbert/distilroberta-base",
        "FacebookAI/roberta-base",
    ]
    assert search["artifacts"]["facets"][0] == {
        "field": "TYPE",
        "values": [{"value": "MODEL", "count": 3}],
    }


async def test_the_mutation_of_the_examples_changes_nothing_when_it_is_run_again(
    client: Client, recorded: RecordingStore
) -> None:
    import_sample(recorded)
    (example,) = re.findall(r"`(#[^`]+mutation[^`]+)`", (HERE / "examples.js").read_text())

    results = [(await client.data(example))["registerModel"]["model"] for _ in range(2)]

    assert [model["version"] for model in results] == [1, 1]
    assert results[0]["id"] == results[1]["id"]
