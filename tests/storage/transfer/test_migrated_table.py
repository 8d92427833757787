"""A migrated table of the earlier backend is exported and imported without loss."""

from pathlib import Path

import orjson

from storage.dynamodb.store import DynamoStore
from storage.transfer.importing import import_lines
from tests.storage.dynamodb.legacy.legacy_backend import (
    create_legacy_table,
    link_model,
    map_value,
    migrate,
    put_artifact,
    rate_model,
    string_value,
)
from tests.storage.engines import opened, table
from tests.storage.samples import CODE, DATASET, MODEL, scores
from tests.storage.transfer.round_trip import export


def test_an_export_of_a_migrated_table_makes_the_same_registry(
    moto: DynamoStore, tmp_path: Path
) -> None:
    create_legacy_table(moto)
    put_artifact(moto, DATASET, "1", " SQuAD ")
    put_artifact(moto, DATASET, "2", "squad", url="no url")
    put_artifact(moto, DATASET, "3", "*", url="", data={})
    put_artifact(moto, CODE, "4", "")
    put_artifact(moto, MODEL, "5", "bert", dataset_name=string_value("squad"))
    link_model(moto, "5", CODE, id="4")
    rate_model(moto, "5", 0.5)
    text = orjson.dumps({**scores(), "more": [1, 2]}).decode()
    put_artifact(moto, MODEL, "6", "gpt " * 300, rating=string_value(text))
    put_artifact(moto, MODEL, "7", "m", rating=map_value({"net_score": "high"}))
    put_artifact(moto, MODEL, "8", "n", rating=string_value("not JSON"))
    assert migrate(moto).left == 0

    lines = export(moto)

    assert len(lines) == 16
    with opened("sqlite", tmp_path / "copy.db") as copy, table() as other:
        for store in (copy, other):
            assert import_lines(store, lines).rejected == {}
            assert export(store) == lines
