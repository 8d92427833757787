"""Static tokens that are limited to artifacts with some urls."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from graph.auth.roles import Role
from graph.auth.static_tokens import create_token
from graph.cli import app as command
from graph.settings import Settings
from storage.errors import StoreSetupError
from storage.settings import load_settings
from tests.graph.auth.credentials import TOKENS, bearer
from tests.graph.clients import RATING, REGISTER, Client, model, serving
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.mutations import (
    DELETE_ARTIFACT,
    RATE_MODEL,
    RESET,
    RESTORE_ARTIFACT,
    UPDATE_MODEL,
)

pytestmark = pytest.mark.anyio

ACME = "https://huggingface.co/acme/"
OWN, OTHER = f"{ACME}bert", "https://huggingface.co/acme-evil/bert"
TOKEN, ENTRY = create_token("ci", Role.ADMIN, url_prefixes=(ACME, "https://example.org"))
MODELS = "{ models { nodes { url version rating { netScore } } } }"
VALIDATE = """
mutation ($inputs: [RegisterArtifactInput!]!) {
  registerArtifacts(inputs: $inputs, validateOnly: true) {
    results { userErrors { code field } }
  }
}
"""


@pytest.fixture
async def http(recorded: RecordingStore) -> AsyncIterator[httpx.AsyncClient]:
    text = f"{ENTRY}, {TOKENS['admin'][1]}"
    async with serving(recorded, Settings.model_validate({"auth_tokens": text})) as http:
        yield http


@pytest.fixture
def admin(http: httpx.AsyncClient) -> Client:
    http.headers.update(bearer(TOKENS["admin"][0]))
    return Client(http)


async def send_limited(admin: Client, query: str, /, **variables: object) -> Any:
    """Return the payload of the only field, sent with the limited token."""
    body = {"query": query, "variables": variables}
    answer = await admin.http.post("/graphql", json=body, headers=bearer(TOKEN))
    (payload,) = answer.json()["data"].values()
    return payload


async def test_every_kind_of_write_of_other_urls_is_forbidden(admin: Client) -> None:
    (id_,) = await admin.register(model(OTHER))
    before = await admin.data(MODELS)
    writes: list[tuple[str, dict[str, Any]]] = [
        (UPDATE_MODEL, {"id": id_, "input": {"license": "mit"}}),
        (UPDATE_MODEL, {"id": id_, "input": {"url": OWN}}),
        (RATE_MODEL, {"id": id_, "rating": RATING}),
        (DELETE_ARTIFACT, {"id": id_}),
    ]

    payloads = [await send_limited(admin, query, **variables) for query, variables in writes]

    for payload in payloads:
        (error,) = payload["userErrors"]
        assert (error["code"], error["field"]) == ("FORBIDDEN", ["id"])
        assert error["message"] == (
            f"The token may only write artifacts with urls below {ACME}, https://example.org/."
        )
    assert before == await admin.data(MODELS)
    await admin.data(DELETE_ARTIFACT, id=id_)
    restoration = await send_limited(admin, RESTORE_ARTIFACT, id=id_)
    assert [error["code"] for error in restoration["userErrors"]] == ["FORBIDDEN"]


async def test_of_many_registrations_those_of_other_urls_are_forbidden(admin: Client) -> None:
    await admin.register(model(OTHER))
    inputs = [model(OWN), model(OTHER), model("https://example.org/x", name="x")]

    for query in (VALIDATE, REGISTER):
        payload = await send_limited(admin, query, inputs=inputs, onConflict="UPDATE")
        errors = [result["userErrors"] for result in payload["results"]]
        assert [len(each) for each in errors] == [0, 1, 0]
        assert errors[1][0]["code"] == "FORBIDDEN"
        assert errors[1][0]["field"] == ["inputs", "1", "model", "url"]


async def test_a_limited_token_reads_everything_and_writes_its_own(admin: Client) -> None:
    await admin.register(model(OTHER))
    (result,) = (await send_limited(admin, REGISTER, inputs=[model(OWN)]))["results"]
    id_ = result["artifact"]["id"]

    listing = await send_limited(admin, "{ models { totalCount } }")
    moved = await send_limited(admin, UPDATE_MODEL, id=id_, input={"url": OTHER})
    rated = await send_limited(admin, RATE_MODEL, id=id_, rating=RATING)
    deleted = await send_limited(admin, DELETE_ARTIFACT, id=id_)
    restored = await send_limited(admin, RESTORE_ARTIFACT, id=id_)

    assert listing == {"totalCount": 2}
    assert [(e["code"], e["field"]) for e in moved["userErrors"]] == [
        ("FORBIDDEN", ["input", "url"])
    ]
    assert rated["userErrors"] == deleted["userErrors"] == restored["userErrors"] == []


async def test_a_limited_token_cannot_reset(admin: Client, recorded: RecordingStore) -> None:
    await admin.register(model(OWN))

    payload = await send_limited(admin, RESET, confirm=recorded.name)

    assert [error["code"] for error in payload["userErrors"]] == ["FORBIDDEN"]
    assert await admin.data("{ models { totalCount } }") == {"models": {"totalCount": 1}}


async def test_an_artifact_that_cannot_be_read_cannot_be_deleted_with_a_limited_token(
    admin: Client, tmp_path: Path
) -> None:
    (id_,) = await admin.register(model(OWN))
    database = sqlite3.connect(tmp_path / "registry.db")
    with database:
        database.execute("UPDATE artifact SET tags = 'none'")
    database.close()

    payload = await send_limited(admin, DELETE_ARTIFACT, id=id_)

    assert [error["code"] for error in payload["userErrors"]] == ["FORBIDDEN"]


@pytest.mark.parametrize(
    ("suffix", "message"),
    [
        ("acme", "must have the form NAME:ROLE:HASH"),
        (
            "https://a/../b",
            "must have no user name, query, fragment, control characters or segments",
        ),
        ("https://a/ https://%/", "'https://%/' must be a valid url"),
        ("2027-13-01:https://a/", "expires on 2027-13-01, which is no date"),
    ],
)
def test_prefixes_of_an_entry_are_urls(
    monkeypatch: pytest.MonkeyPatch, suffix: str, message: str
) -> None:
    monkeypatch.setenv("AUTH_TOKENS", f"ci:write:{'0' * 64}:{suffix}")

    with pytest.raises(StoreSetupError, match=message):
        load_settings(Settings)


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        ("https://a/,b", "'https://a/,b' must not contain a comma; write it as %2C\n"),
        ("acme", "'acme' must be an absolute url with a scheme and a host\n"),
    ],
)
def test_a_token_with_an_invalid_prefix_is_not_created(prefix: str, message: str) -> None:
    result = CliRunner().invoke(command, ["token", "ci", "--url-prefix", prefix])

    assert [result.exit_code, result.output] == [2, message]


def test_the_command_prints_the_entry_with_its_prefixes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = ["--days", "90", "--url-prefix", ACME, "--url-prefix", "HTTPS://Example.org"]
    entry = CliRunner().invoke(command, ["token", "ci", *options]).output.splitlines()[-1]
    monkeypatch.setenv("AUTH_TOKENS", entry)

    (token,) = load_settings(Settings).auth_tokens

    assert (str(token), token.url_prefixes) == (entry, (ACME, "https://example.org/"))
