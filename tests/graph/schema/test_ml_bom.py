"""The bill of materials of a model, in the format CycloneDX 1.6."""

from typing import Any

import orjson
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.graph.clients import Client, code, dataset, model

pytestmark = pytest.mark.anyio

ML_BOM = "query ($url: URL!) { model(by: { url: $url }) { mlBom { text missing } } }"
NEVER_KNOWN = [
    "hashes, suppliers, authors and copyright of the components",
    (
        "model cards: learning approach, architecture, inputs, outputs, performance metrics"
        " and considerations"
    ),
]


def validate(text: str) -> None:
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    assert error is None, error


async def read_ml_bom(client: Client, url: str) -> tuple[dict[str, Any], list[str]]:
    """Return the bill of materials, which is valid, and what is missing."""
    data = await client.data(ML_BOM, url=url)
    bom = data["model"]["mlBom"]
    validate(bom["text"])
    return orjson.loads(bom["text"]), bom["missing"]


async def test_a_model_is_described_with_everything_upstream(client: Client) -> None:
    base, books, trainer, top = await client.register(
        model(
            "https://example.org/base",
            name="base",
            license="llama3",
            datasets=[{"name": "webtext"}],
            codes=[{"url": "https://example.org/trainer"}],
        ),
        dataset("https://example.org/books", name="books", license="mit OR cc0-1.0"),
        code("https://example.org/trainer", name="trainer", license="apache-2.0"),
        model(
            "https://example.org/top",
            name="top",
            description="It answers.",
            downloadUrl="https://example.org/top.bin",
            tags=["nlp"],
            properties=[
                {"key": "pipeline_tag", "value": "text-generation"},
                {"key": "steps", "value": "10"},
            ],
            datasets=[
                {"name": "Books", "role": "FINE_TUNED_ON", "revision": "v2"},
                {"url": "https://example.org/un"},
            ],
            baseModels=[{"name": "base", "role": "ADAPTER"}],
        ),
    )

    bom, missing = await read_ml_bom(client, "https://example.org/top")

    assert bom["metadata"]["component"] == {
        "type": "machine-learning-model",
        "bom-ref": top,
        "name": "top",
        "description": "It answers.",
        "pedigree": {
            "ancestors": [
                {
                    "type": "machine-learning-model",
                    "name": "base",
                    "externalReferences": [
                        {"type": "website", "url": "https://example.org/base"}
                    ],
                }
            ],
            "notes": "adapter: base",
        },
        "externalReferences": [
            {"type": "website", "url": "https://example.org/top"},
            {"type": "distribution", "url": "https://example.org/top.bin"},
        ],
        "modelCard": {
            "modelParameters": {
                "task": "text-generation",
                "datasets": [
                    {"ref": books},
                    {"type": "dataset", "contents": {"url": "https://example.org/un"}},
                ],
            }
        },
        "properties": [
            {"name": "pipeline_tag", "value": "text-generation"},
            {"name": "steps", "value": "10"},
        ],
        "tags": ["nlp"],
    }
    components = {each["name"]: each for each in bom["components"]}
    assert components.keys() == {"base", "books", "trainer"}
    assert components["base"]["licenses"] == [{"license": {"name": "llama3"}}]
    assert components["base"]["modelCard"] == {
        "modelParameters": {"datasets": [{"type": "dataset", "name": "webtext"}]}
    }
    assert components["books"] == {
        "type": "data",
        "bom-ref": books,
        "name": "books",
        "version": "v2",
        "licenses": [{"expression": "MIT OR CC0-1.0"}],
        "externalReferences": [{"type": "website", "url": "https://example.org/books"}],
    }
    assert components["trainer"]["type"] == "library"
    assert components["trainer"]["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    assert {each["ref"]: each["dependsOn"] for each in bom["dependencies"]} == {
        top: sorted([books, base]),
        base: [trainer],
        books: [],
        trainer: [],
    }
    assert bom["compositions"][0]["aggregate"] == "incomplete"
    assert missing == [
        "model top: dataset with the url https://example.org/un is not registered",
        "model base: dataset with the name webtext is not registered",
        "model top: version",
        "model top: license",
        "model base: version",
        "model base: SPDX identifier of the license llama3",
        "model base: distribution",
        "model base: task",
        "dataset books: distribution",
        "code trainer: version",
        "code trainer: distribution",
        *NEVER_KNOWN,
    ]


async def test_the_same_artifacts_make_the_same_text(client: Client) -> None:
    url = "https://example.org/m"
    (id_,) = await client.register(model(url, name="m"))
    first = await client.data(ML_BOM, url=url)

    assert await client.data(ML_BOM, url=url) == first

    await client.data(
        'mutation ($id: ID!) { updateModel(id: $id, input: { license: "mit" }) { outcome } }',
        id=id_,
    )
    before = orjson.loads(first["model"]["mlBom"]["text"])
    after, missing = await read_ml_bom(client, url)
    assert after["serialNumber"] != before["serialNumber"]
    assert after["metadata"]["timestamp"] > before["metadata"]["timestamp"]
    assert "model m: license" not in missing
    assert after["compositions"][0]["aggregate"] == "unknown"


async def test_models_in_a_cycle_are_described_once(client: Client) -> None:
    one, other = "https://example.org/one", "https://example.org/other"
    ids = await client.register(
        model(one, name="one", baseModels=[{"url": other}, {"url": one}]),
        model(other, name="other", baseModels=[{"url": one}]),
    )

    bom, _ = await read_ml_bom(client, one)

    assert [each["bom-ref"] for each in bom["components"]] == [ids[1]]
    assert [each["dependsOn"] for each in bom["dependencies"]] == [sorted(ids), [ids[0]]]


async def test_a_version_is_the_only_revision_that_models_used(client: Client) -> None:
    same, other = "https://example.org/same", "https://example.org/other"
    await client.register(
        dataset(same, name="same"),
        dataset(other, name="other"),
        model(
            "https://example.org/m",
            name="m",
            datasets=[
                {"url": same, "revision": "v1", "role": "TRAINED_ON"},
                {"url": same, "role": "EVALUATED_ON"},
                {"url": other, "revision": "v1", "role": "TRAINED_ON"},
                {"url": other, "revision": "v2", "role": "EVALUATED_ON"},
            ],
        ),
    )

    bom, missing = await read_ml_bom(client, "https://example.org/m")

    versions = {each["name"]: each.get("version") for each in bom["components"]}
    assert versions == {"same": "v1", "other": None}
    assert "dataset other: version" in missing
    assert "dataset same: version" not in missing
