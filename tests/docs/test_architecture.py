"""Compares docs/architecture.md with the packages, the items and the indexes of the code."""

import re

from storage.artifacts.inputs import parse_new_artifact
from storage.artifacts.records import ArtifactType
from storage.artifacts.writes import OnConflict
from storage.dynamodb.formats.schema_item import FORMAT
from storage.dynamodb.schema.attributes import INDEXES, KEY
from storage.dynamodb.store import DynamoStore
from storage.sqlite.schema import FORMAT as FILE_FORMAT
from tests.docs.blocks import ROOT, read_table, read_text
from tests.storage.samples import squad
from tests.storage.store_calls import delete, register

PAGE = "docs/architecture.md"
MODEL = {"url": "https://example.org/m", "datasets": [{"name": "Data"}]}


def test_items_have_the_documented_attributes(moto: DynamoStore) -> None:
    inputs = [
        parse_new_artifact(ArtifactType.DATASET, {"url": "https://example.org/data"}),
        parse_new_artifact(ArtifactType.MODEL, MODEL),
    ]
    moto.register(inputs, OnConflict.REJECT)
    (deleted,) = register(moto, squad())
    delete(moto, deleted)

    items = moto.client.control.scan(TableName=moto.name)["Items"]

    documented = {
        re.sub(r"<[^>]+>", "", cells[0]).strip("`").partition("#")[0]: cells[1].split(", ")
        for cells in read_table(PAGE, "Items of the table").values()
    }
    written: dict[str, set[str]] = {}
    for item in items:
        kind, separator, _ = item[KEY]["S"].partition("#")
        names = {f"`{name}`" for name in item.keys() - {KEY}}
        in_all_items = written.setdefault(kind if separator else "its id", names)
        in_all_items &= names  # the page lists a model's optional attributes below the table
    assert {kind: sorted(names) for kind, names in written.items()} == {
        kind: sorted(names) for kind, names in documented.items()
    }


def test_indexes_are_documented() -> None:
    table = read_table(PAGE, "Indexes")

    documented = {
        name.strip("`"): tuple(cell.strip("`") for cell in cells[:3])
        for name, cells in table.items()
    }
    assert documented == {
        name: (index.partition_key, index.sort_key, index.projection)
        for name, index in INDEXES.items()
    }


def test_the_formats_are_documented() -> None:
    assert FORMAT == FILE_FORMAT
    assert f"The present format is {FORMAT} for both stores." in read_text(PAGE)


def test_every_package_is_documented() -> None:
    packages = {
        f"`{init.parent.relative_to(ROOT)}/`"
        for parent in ("graph", "storage", "storage/dynamodb")
        for init in (ROOT / parent).glob("*/__init__.py")
    }

    documented = {
        path for path in read_table(PAGE, "Packages") if re.match("`(graph|storage)/", path)
    }
    assert documented == packages


def test_named_paths_exist() -> None:
    text = (ROOT / PAGE).read_text()
    paths = re.findall(r"`((?:graph|storage|tests|deploy|\.ci)/[^`]*)`", text)

    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []
