"""Migrated items of the earlier backend keep their values, ratings and links."""

from typing import Any

import orjson
import pytest

from storage.artifacts.rating import Rating, decode_rating
from storage.artifacts.records import ArtifactType, Reference
from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.legacy.legacy_backend import (
    map_value,
    migrate,
    put_artifact,
    string_value,
)
from tests.storage.samples import ALL_TYPES, DATASET, MODEL, by_id, by_name, by_url, scores
from tests.storage.store_calls import links, read


@pytest.mark.parametrize("artifact_type", ALL_TYPES, ids=lambda each: each.value)
def test_an_artifact_keeps_its_values(dynamo: DynamoStore, artifact_type: ArtifactType) -> None:
    put_artifact(dynamo, artifact_type, "7", " Bert ", url="https://example.org/b")
    migrate(dynamo)

    artifact = read(dynamo, "7")

    assert (artifact.id, artifact.type, artifact.name) == ("7", artifact_type, " Bert ")
    assert (artifact.url, artifact.download_url) == (
        "https://example.org/b",
        "https://example.org/b.zip",
    )
    assert (artifact.version, artifact.tags, artifact.license) == (1, (), None)
    assert (artifact.rating, artifact.references) == (None, ())
    target = by_id(artifact_type, "7").target
    assert dynamo.resolve([target]) == {target: artifact}


@pytest.mark.parametrize(
    "stored",
    [string_value(orjson.dumps(scores(0.25)).decode()), map_value(scores(0.25))],
    ids=["text", "map"],
)
def test_a_rating_keeps_every_field(dynamo: DynamoStore, stored: dict[str, Any]) -> None:
    put_artifact(dynamo, MODEL, "7", "bert", rating=stored)
    migrate(dynamo)

    artifact = read(dynamo, "7")

    assert artifact.rating is not None
    assert decode_rating(artifact.rating.text) == Rating.model_validate(scores(0.25))


def test_a_null_rating_is_no_rating(dynamo: DynamoStore) -> None:
    put_artifact(dynamo, MODEL, "7", "bert", rating={"NULL": True})
    migrate(dynamo)

    assert read(dynamo, "7").rating is None


@pytest.mark.parametrize("prefix", ["dataset", "code"])
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (("name", "id", "url"), "name"),
        (("name",), "name"),
        (("id", "url"), "id"),
        (("id",), "id"),
        (("url",), "url"),
        ((), None),
    ],
    ids=["all", "name", "id_url", "id", "url", "none"],
)
def test_a_link_becomes_one_reference(
    dynamo: DynamoStore, prefix: str, fields: tuple[str, ...], expected: str | None
) -> None:
    values = {"name": "SQuAD", "id": "9", "url": "https://example.org/9"}
    attributes = {f"{prefix}_{field}": string_value(values[field]) for field in fields}
    put_artifact(dynamo, MODEL, "7", "bert", **attributes)
    migrate(dynamo)

    references: tuple[Reference, ...] = ()
    if expected:
        by_field = {"name": by_name, "id": by_id, "url": by_url}[expected]
        references = (by_field(ArtifactType(prefix), values[expected]),)
    assert read(dynamo, "7").references == references


def test_an_empty_link_attribute_is_ignored(dynamo: DynamoStore) -> None:
    link = {"dataset_name": string_value(""), "dataset_id": string_value("9")}
    put_artifact(dynamo, MODEL, "7", "bert", **link)
    migrate(dynamo)

    assert read(dynamo, "7").references == (by_id(DATASET, "9"),)


def test_a_dangling_link_resolves_once_its_target_exists(dynamo: DynamoStore) -> None:
    put_artifact(dynamo, MODEL, "7", "bert", dataset_id=string_value("9"))
    migrate(dynamo)
    model = read(dynamo, "7")
    assert links(dynamo, model) == [None]

    put_artifact(dynamo, DATASET, "9", "squad")
    migrate(dynamo)
    assert links(dynamo, model) == ["9"]
