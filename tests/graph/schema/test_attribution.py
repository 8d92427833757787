"""Writes are attributed to their callers, and so is a rating."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph.auth.roles import Role
from graph.auth.static_tokens import create_token
from graph.settings import Settings
from tests.graph.clients import BERT, Client, model, serving
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.mutations import RATE_MODEL, UPDATE_MODEL

pytestmark = pytest.mark.anyio

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
ACTORS = "createdBy { name issuer } updatedBy { name issuer }"
QUERY = f"""
query ($id: ID!) {{
  artifact(id: $id) {{
    version createdAt updatedAt {ACTORS}
    ... on Model {{ rating {{ netScore ratedAt ratedBy {{ name issuer }} }} }}
  }}
}}
"""
TOKENS = dict(create_token(name, Role.WRITE) for name in ("alice", "bob"))


class TickingClock:
    """A clock that is a second later each time it is read."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    store = RecordingStore(tmp_path / "registry.db", clock=TickingClock())
    settings = Settings(auth_anonymous=Role.WRITE, auth_tokens=tuple(TOKENS.values()))
    async with serving(store, settings) as client:
        yield client
    store.close()


def sign_in(client: Client, name: str | None) -> None:
    """Send the token with this name from now on; none for None."""
    tokens = {entry.name: token for token, entry in TOKENS.items()}
    client.http.headers.pop("authorization", None)
    if name:
        client.http.headers["authorization"] = f"Bearer {tokens[name]}"


async def read(client: Client, id_: str) -> Any:
    return (await client.data(QUERY, id=id_))["artifact"]


async def test_artifact_names_who_registered_and_who_changed_it(client: Client) -> None:
    sign_in(client, "alice")
    (bert,) = await client.register(model(name="bert"))
    sign_in(client, "bob")
    await client.data(UPDATE_MODEL, id=bert, input={"license": "mit"})

    artifact = await read(client, bert)

    assert artifact["createdBy"] == {"name": "alice", "issuer": None}
    assert artifact["updatedBy"] == {"name": "bob", "issuer": None}
    assert artifact["createdAt"] < artifact["updatedAt"]


async def test_anonymous_caller_is_null(client: Client) -> None:
    sign_in(client, "alice")
    (bert,) = await client.register(model(name="bert"))
    sign_in(client, None)
    await client.data(UPDATE_MODEL, id=bert, input={"license": "mit"})

    artifact = await read(client, bert)

    assert (artifact["createdBy"]["name"], artifact["updatedBy"]) == ("alice", None)


async def test_rating_names_who_saved_it_and_when(client: Client) -> None:
    sign_in(client, "alice")
    (bert,) = await client.register(model(name="bert"))
    sign_in(client, "bob")
    await client.data(RATE_MODEL, id=bert, rating={"netScore": 0.5})
    rated = await read(client, bert)
    sign_in(client, "alice")
    await client.data(UPDATE_MODEL, id=bert, input={"license": "mit"})

    artifact = await read(client, bert)

    assert rated["rating"] == {
        "netScore": 0.5,
        "ratedAt": rated["updatedAt"],
        "ratedBy": {"name": "bob", "issuer": None},
    }
    assert artifact["rating"] == rated["rating"]
    assert artifact["updatedBy"]["name"] == "alice"


async def test_a_change_that_changes_nothing_keeps_time_and_caller(client: Client) -> None:
    sign_in(client, "alice")
    (bert,) = await client.register(model(name="bert", rating={"netScore": 0.5}))
    before = await read(client, bert)
    sign_in(client, "bob")
    await client.data(UPDATE_MODEL, id=bert, input={"name": "bert"})
    await client.data(RATE_MODEL, id=bert, rating={"netScore": 0.5})

    assert await read(client, bert) == before


async def test_error_about_a_stale_version_tells_who_changed_the_artifact(
    client: Client,
) -> None:
    sign_in(client, "alice")
    (bert,) = await client.register(model(BERT))
    await client.data(UPDATE_MODEL, id=bert, input={"license": "mit"})
    mutation = """
    mutation ($id: ID!) {
      updateModel(id: $id, input: { license: null }, expectedVersion: 1) {
        userErrors { artifact { version updatedBy { name } } }
      }
    }
    """

    (error,) = (await client.data(mutation, id=bert))["updateModel"]["userErrors"]

    assert error["artifact"] == {"version": 2, "updatedBy": {"name": "alice"}}
