"""Register artifacts: what is stored, conflicts of urls, and several at once."""

import re

import pytest

from tests.graph.clients import (
    BERT,
    BOOKS,
    RATING,
    REGISTER,
    TRAINER,
    Client,
    code,
    dataset,
    model,
)
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.mutations import FIELDS, REGISTER_MODEL, register_model

pytestmark = pytest.mark.anyio


async def test_model_is_stored_as_given(client: Client) -> None:
    registered, errors = await register_model(
        client,
        name=" BERT ",
        downloadUrl="https://example.org/bert.bin",
        license="apache-2.0",
        description="Reads *both* ways.",
        tags=["nlp", "english"],
        properties=[{"key": "steps", "value": "1000"}, {"key": "framework", "value": "jax"}],
        datasets=[{"name": "books", "role": "TRAINED_ON", "revision": "v1.1"}],
        codes=[{"name": "trainer"}],
        baseModels=[{"name": "elmo"}],
        rating=RATING,
    )

    assert errors == []
    assert registered.pop("id").count("-") == 4
    assert registered.pop("createdAt") == registered.pop("updatedAt")
    assert registered == {
        "type": "MODEL",
        "name": " BERT ",
        "url": BERT,
        "downloadUrl": "https://example.org/bert.bin",
        "description": "Reads *both* ways.",
        "license": "apache-2.0",
        "tags": ["nlp", "english"],
        "properties": [
            {"key": "framework", "value": "jax"},
            {"key": "steps", "value": "1000"},
        ],
        "version": 1,
        "rating": {"netScore": 0.5},
        "references": [
            {
                "kind": "DATASET",
                "targetName": "books",
                "role": "TRAINED_ON",
                "revision": "v1.1",
            },
            {"kind": "CODE", "targetName": "trainer", "role": None, "revision": None},
            {"kind": "BASE_MODEL", "targetName": "elmo", "role": None, "revision": None},
        ],
    }


async def test_names_are_derived_from_urls(client: Client) -> None:
    mutation = f"""
    mutation ($dataset: RegisterDatasetInput!, $code: RegisterCodeInput!) {{
      registerDataset(input: $dataset) {{ dataset {{ {FIELDS} }} userErrors {{ code }} }}
      registerCode(input: $code) {{ code {{ {FIELDS} }} userErrors {{ code }} }}
    }}
    """

    data = await client.data(
        mutation, dataset={"url": BOOKS}, code={"url": "https://github.com/org/tool.git"}
    )

    defaults: dict[str, object] = {
        "downloadUrl": None,
        "description": None,
        "license": None,
        "tags": [],
        "properties": [],
        "version": 1,
    }
    assert data["registerDataset"] == {
        "dataset": {"type": "DATASET", "name": "books", "url": BOOKS, **defaults},
        "userErrors": [],
    }
    assert data["registerCode"]["code"] == {
        "type": "CODE",
        "name": "org/tool",
        "url": "https://github.com/org/tool.git",
        **defaults,
    }


async def test_existing_url_is_rejected_with_the_existing_artifact(client: Client) -> None:
    first, _ = await register_model(client, name="first")

    registered, errors = await register_model(client, name="second")

    assert registered is None
    assert errors == [
        {
            "code": "ALREADY_EXISTS",
            "message": f"The model {first['id']} already has this url.",
            "field": ["input", "url"],
            "artifact": {"id": first["id"], "version": 1},
        }
    ]


async def test_artifact_with_an_existing_url_is_updated_on_request(client: Client) -> None:
    first, _ = await register_model(client, name="first", license="mit")

    data = await client.data(
        REGISTER_MODEL, input={"url": BERT, "tags": ["x"]}, onConflict="UPDATE"
    )

    updated = data["registerModel"]["model"]
    assert data["registerModel"]["outcome"] == "UPDATED"
    fields = [updated[name] for name in ("id", "name", "license", "tags", "version")]
    assert fields == [first["id"], "first", "mit", ["x"], 2]


async def test_artifacts_of_different_types_can_have_the_same_url(client: Client) -> None:
    ids = await client.register(model(BOOKS), dataset(BOOKS))

    assert len(set(ids)) == 2


@pytest.mark.parametrize(
    "name", ["数据集", "👩‍🔬", "e\u0301", "\u202eevil", "a\x01b", "<script>", "' OR 1=1 --"]
)
async def test_name_can_be_any_text(client: Client, name: str) -> None:
    registered, errors = await register_model(client, name=name)

    query = "query ($name: String!) { model(by: { name: $name }) { name } }"
    assert errors == []
    assert registered["name"] == name
    assert await client.data(query, name=name) == {"model": {"name": name}}


async def test_valid_inputs_are_registered_in_one_store_call(
    client: Client, recorded: RecordingStore
) -> None:
    data = await client.data(
        REGISTER,
        inputs=[
            model(name="bert"),
            dataset("nope"),
            code(),
            model(datasets=[{"name": ""}]),
            model(),
        ],
    )

    results = data["registerArtifacts"]["results"]
    bert, trainer = results[0]["artifact"], results[2]["artifact"]
    assert [result["artifact"] for result in results] == [bert, None, trainer, None, None]
    assert [
        [(error["code"], error["field"]) for error in result["userErrors"]]
        for result in results
    ] == [
        [],
        [("INVALID", ["inputs", "1", "dataset", "url"])],
        [],
        [("INVALID", ["inputs", "3", "model", "datasets", "0", "name"])],
        [("ALREADY_EXISTS", ["inputs", "4", "model", "url"])],
    ]
    assert results[4]["userErrors"][0]["artifact"] == bert
    assert recorded.calls == [("register", 3)]


async def test_empty_list_of_inputs_makes_no_store_call(
    client: Client, recorded: RecordingStore
) -> None:
    data = await client.data(REGISTER, inputs=[])

    assert data == {"registerArtifacts": {"results": [], "userErrors": []}}
    assert recorded.calls == []


async def test_more_than_100_inputs_are_rejected_as_a_whole(
    client: Client, recorded: RecordingStore
) -> None:
    inputs = [code(f"{TRAINER}/{n}") for n in range(101)]

    payload = (await client.data(REGISTER, inputs=inputs))["registerArtifacts"]

    assert payload == {
        "results": [],
        "userErrors": [
            {
                "code": "TOO_MANY",
                "message": "must have at most 100 items, not 101",
                "field": ["inputs"],
            }
        ],
    }
    assert recorded.calls == []


async def test_registering_what_is_there_changes_nothing(client: Client) -> None:
    fields = {"url": BERT, "name": "bert", "tags": ["x"], "rating": RATING}
    first = (await client.data(REGISTER_MODEL, input=fields))["registerModel"]

    again = (await client.data(REGISTER_MODEL, input=fields, onConflict="UPDATE"))[
        "registerModel"
    ]

    assert (first["outcome"], again["outcome"]) == ("CREATED", "UNCHANGED")
    assert again["model"] == first["model"]


async def test_equal_references_are_kept_once(client: Client) -> None:
    registered, _ = await register_model(
        client,
        datasets=[
            {"name": "Books", "revision": "1"},
            {"name": "books ", "revision": "2"},
            {"name": "books", "role": "EVALUATED_ON"},
        ],
    )

    assert [(r["targetName"], r["role"], r["revision"]) for r in registered["references"]] == [
        ("Books", None, "1"),
        ("books", "EVALUATED_ON", None),
    ]


async def test_times_have_three_fraction_digits_and_are_in_utc(client: Client) -> None:
    registered, _ = await register_model(client)

    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    assert re.fullmatch(pattern, registered["createdAt"])


async def test_property_is_read_by_its_key(client: Client) -> None:
    (bert,) = await client.register(model(properties=[{"key": "a", "value": "1"}]))

    query = """query ($id: ID!) {
      artifact(id: $id) { a: property(key: "a") upper: property(key: "A") }
    }"""
    assert await client.data(query, id=bert) == {"artifact": {"a": "1", "upper": None}}
