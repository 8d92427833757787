"""`registerArtifacts(validateOnly: true)` tells what would be done, and writes nothing."""

from typing import Any

import pytest

from tests.graph.clients import BERT, BOOKS, TRAINER, Client, code, dataset, model
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

VALIDATE = """
mutation ($inputs: [RegisterArtifactInput!]!, $onConflict: OnConflict! = REJECT) {
  registerArtifacts(inputs: $inputs, onConflict: $onConflict, validateOnly: true) {
    results { outcome artifact { id version } userErrors { code field artifact { id } } }
    userErrors { code }
  }
}
"""


async def validate(client: Client, *inputs: dict[str, Any], **variables: object) -> Any:
    data = await client.data(VALIDATE, inputs=inputs, **variables)
    assert data["registerArtifacts"]["userErrors"] == []
    return data["registerArtifacts"]["results"]


async def test_nothing_is_written(client: Client, recorded: RecordingStore) -> None:
    results = await validate(client, model(), dataset(), code("nope"))

    assert results == [
        {"outcome": "CREATED", "artifact": None, "userErrors": []},
        {"outcome": "CREATED", "artifact": None, "userErrors": []},
        {
            "outcome": None,
            "artifact": None,
            "userErrors": [
                {"code": "INVALID", "field": ["inputs", "2", "code", "url"], "artifact": None}
            ],
        },
    ]
    assert recorded.calls == [("resolve", 2)]
    assert list(recorded.scan()) == []


async def test_existing_urls_are_seen(client: Client) -> None:
    (bert,) = await client.register(model(name="bert"))

    (rejected,) = await validate(client, model())
    same, changed = await validate(
        client, model(name="bert"), model(name="BERT 2"), onConflict="UPDATE"
    )

    assert rejected["outcome"] is None
    assert rejected["userErrors"] == [
        {
            "code": "ALREADY_EXISTS",
            "field": ["inputs", "0", "model", "url"],
            "artifact": {"id": bert},
        }
    ]
    now = {"id": bert, "version": 1}
    assert same == {"outcome": "UNCHANGED", "artifact": now, "userErrors": []}
    assert changed == {"outcome": "UPDATED", "artifact": now, "userErrors": []}


async def test_duplicates_in_the_batch_are_seen(client: Client) -> None:
    inputs = [code(TRAINER), model(TRAINER), code(TRAINER), code(TRAINER, license="mit")]

    rejected = await validate(client, *inputs)
    updated = await validate(client, *inputs, onConflict="UPDATE")

    assert [result["outcome"] for result in rejected] == ["CREATED", "CREATED", None, None]
    assert rejected[2]["userErrors"] == [
        {"code": "ALREADY_EXISTS", "field": ["inputs", "2", "code", "url"], "artifact": None}
    ]
    outcomes = [result["outcome"] for result in updated]
    assert outcomes == ["CREATED", "CREATED", "UNCHANGED", "UPDATED"]


async def test_an_input_that_would_be_rejected_does_not_take_its_url(client: Client) -> None:
    urls = [{"url": f"{BOOKS}/{n}?{'x' * 1_900}"} for n in range(90)]

    too_large, created = await validate(client, model(BERT, datasets=urls), model(BERT))

    assert [error["code"] for error in too_large["userErrors"]] == ["TOO_MANY"]
    assert created["outcome"] == "CREATED"


async def test_what_is_predicted_is_what_registering_does(client: Client) -> None:
    await client.register(model(BERT, name="bert"), dataset(BOOKS))
    inputs = [model(BERT), dataset(BOOKS, tags=["x"]), code(), code(), model(name="bert")]
    register = VALIDATE.replace("validateOnly: true", "validateOnly: false")

    for on_conflict in ("REJECT", "UPDATE"):
        predicted = await validate(client, *inputs, onConflict=on_conflict)
        data = await client.data(register, inputs=inputs, onConflict=on_conflict)
        written = data["registerArtifacts"]["results"]
        assert [(p["outcome"], [e["code"] for e in p["userErrors"]]) for p in predicted] == [
            (w["outcome"], [e["code"] for e in w["userErrors"]]) for w in written
        ]
