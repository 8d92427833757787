"""docs/architecture.md says what the table holds, and where things are."""

import re

from storage.artifacts.inputs import parse_new_artifact
from storage.artifacts.records import ArtifactType, OnConflict
from storage.dynamodb.schema.keys import CREATED_SHARDS
from storage.dynamodb.schema.table import INDEXES, KEY
from storage.dynamodb.store import DynamoStore
from tests.docs.blocks import ROOT, rows

PAGE = "docs/architecture.md"
MODEL = {"url": "https://example.org/m", "datasets": [{"name": "Data"}]}


def test_the_items_are_those_that_are_written(moto: DynamoStore) -> None:
    drafts = [
        parse_new_artifact(ArtifactType.DATASET, {"url": "https://example.org/data"}),
        parse_new_artifact(ArtifactType.MODEL, MODEL),
    ]
    moto.register(drafts, OnConflict.REJECT)

    items = moto.client.boto.scan(TableName=moto.name)["Items"]

    said = {
        re.sub(r"<[^>]+>", "", cells[0]).strip("`").partition("#")[0]: cells[1].split(", ")
        for cells in rows(PAGE, "The items of the table").values()
    }
    found: dict[str, set[str]] = {}
    for item in items:
        kind, separator, _ = item[KEY]["S"].partition("#")
        names = {f"`{name}`" for name in item.keys() - {KEY}}
        same = found.setdefault(kind if separator else "its id", names)
        same &= names  # what a model has beside is told below the table
    assert {kind: sorted(names) for kind, names in found.items()} == {
        kind: sorted(names) for kind, names in said.items()
    }


def test_the_indexes_are_those_of_the_table() -> None:
    said = rows(PAGE, "The indexes")

    assert {name.strip("`"): tuple(c.strip("`") for c in said[name][:3]) for name in said} == (
        INDEXES
    )
    text = re.sub(r"\s+", " ", (ROOT / PAGE).read_text())
    assert f"split into {CREATED_SHARDS} shards a type" in text


def test_what_it_names_is_there() -> None:
    text = (ROOT / PAGE).read_text()
    paths = re.findall(r"`((?:graph|storage|tests|deploy|\.ci)/[^`]*)`", text)

    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []
