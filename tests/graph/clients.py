"""A client of the API, and inputs for the artifacts of the tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from graph.app import build
from graph.settings import Settings
from storage.store import Store

BOOKS = "https://example.org/datasets/books"
TRAINER = "https://example.org/code/trainer"
BERT = "https://example.org/models/bert"

_TRIES = 30
"""Each of them waits two seconds for the search index."""

SCORES = (
    "netScore",
    "rampUpTime",
    "busFactor",
    "performanceClaims",
    "license",
    "datasetAndCodeScore",
    "datasetQuality",
    "codeQuality",
    "reproducibility",
    "reviewedness",
    "treeScore",
)
SIZES = {"raspberryPi": 0.25, "jetsonNano": 0.5, "desktopPc": 0.75, "awsServer": 1.0}
RATING: dict[str, Any] = {
    "name": "bert",
    "category": "MODEL",
    **dict.fromkeys(SCORES, 0.5),
    **{f"{score}Latency": 1.25 for score in SCORES},
    "reviewedness": -1.0,
    "sizeScore": SIZES,
    "sizeScoreLatency": 0.125,
}

REGISTER = """
mutation ($inputs: [RegisterArtifactInput!]!, $onConflict: OnConflict! = REJECT) {
  registerArtifacts(inputs: $inputs, onConflict: $onConflict) {
    results {
      artifact { id }
      userErrors { code message field artifact { id } }
    }
    userErrors { code message field }
  }
}
"""


@asynccontextmanager
async def serving(store: Store, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Yield an HTTP client of a server with this store."""
    app = build(store, settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as http,
    ):
        yield http


def _list_codes(content: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in content.get("errors", [])]


class Client:
    """Sends GraphQL over HTTP."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def send(self, query: str, /, **variables: object) -> dict[str, Any]:
        """Return the whole response."""
        body = {"query": query, "variables": variables}
        answer = await self.http.post("/graphql", json=body)
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()
        return content

    async def data(self, query: str, /, **variables: object) -> dict[str, Any]:
        """Return the data of a response without errors.

        A busy machine may take longer to build a search index than a request waits for it.
        """
        for _ in range(_TRIES):
            content = await self.send(query, **variables)
            if "SEARCH_NOT_READY" not in _list_codes(content):
                break
        assert "errors" not in content, content["errors"]
        data: dict[str, Any] = content["data"]
        return data

    async def error(self, query: str, /, **variables: object) -> tuple[str, str]:
        """Return the code and the message of a response's only error."""
        (error,) = (await self.send(query, **variables))["errors"]
        return error["extensions"]["code"], error["message"]

    async def register(self, *inputs: dict[str, Any]) -> list[str]:
        """Register artifacts and return their ids."""
        results = (await self.data(REGISTER, inputs=inputs))["registerArtifacts"]["results"]
        assert all(not result["userErrors"] for result in results), results
        return [result["artifact"]["id"] for result in results]


def model(url: str = BERT, /, **fields: object) -> dict[str, Any]:
    """Return an input of `registerArtifacts` with a model."""
    return {"model": {"url": url, **fields}}


def dataset(url: str = BOOKS, /, **fields: object) -> dict[str, Any]:
    """Return an input of `registerArtifacts` with a dataset."""
    return {"dataset": {"url": url, **fields}}


def code(url: str = TRAINER, /, **fields: object) -> dict[str, Any]:
    """Return an input of `registerArtifacts` with code."""
    return {"code": {"url": url, **fields}}
