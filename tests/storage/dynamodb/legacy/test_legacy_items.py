"""Items that the earlier backend wrote keep their meaning when they are migrated."""

from typing import Any

import orjson
import pytest

from storage.artifacts.rating import Rating, decode_rating
from storage.artifacts.records import (
    Artifact,
    ArtifactPatch,
    ArtifactType,
    OnConflict,
    Reference,
    WriteErrorCode,
)
from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.legacy.legacy_backend import migrate, put
from tests.storage.samples import (
    CODE,
    DATASET,
    EVERY_TYPE,
    MODEL,
    at_url,
    by_id,
    by_name,
    by_url,
    draft,
    links,
    listing,
    named,
    rating,
    read_reverse_links,
    refused,
    register_one,
    scores,
    squad,
    update,
    walk,
)

URL = "https://example.org/model/bert"


def _item(store: DynamoStore, id_: str) -> dict[str, Any]:
    return dict(store.client.get_items([id_])[id_])


def _got(store: DynamoStore, id_: str) -> Artifact:
    return store.get([id_])[id_]


def _text(value: str) -> dict[str, str]:
    return {"S": value}


def _map(of: dict[str, object]) -> dict[str, Any]:
    def attribute(value: object) -> dict[str, Any]:
        if isinstance(value, dict):
            return _map(value)
        return {"N": str(value)} if isinstance(value, float | int) else {"S": value}

    return {"M": {name: attribute(value) for name, value in of.items()}}


@pytest.mark.parametrize("of", EVERY_TYPE, ids=lambda of: of.value)
def test_item_keeps_its_values(dynamo: DynamoStore, of: ArtifactType) -> None:
    put(dynamo, of, "7", " Bert ", url="https://example.org/b")
    migrate(dynamo)

    found = _got(dynamo, "7")

    assert (found.id, found.type, found.name) == ("7", of, " Bert ")
    assert (found.url, found.download_url) == (
        "https://example.org/b",
        "https://example.org/b.zip",
    )
    assert (found.version, found.tags, found.license) == (1, (), None)
    assert (found.rating, found.references) == (None, ())
    assert dynamo.resolve([by_id(of, "7").target]) == {by_id(of, "7").target: found}


@pytest.mark.parametrize(
    "kept",
    [_text(orjson.dumps(scores(0.25)).decode()), _map(scores(0.25))],
    ids=["text", "map"],
)
def test_rating_is_kept_field_for_field(dynamo: DynamoStore, kept: dict[str, Any]) -> None:
    put(dynamo, MODEL, "7", "bert", rating=kept)
    migrate(dynamo)

    found = _got(dynamo, "7")

    assert found.rating is not None
    assert decode_rating(found.rating) == Rating.model_validate(scores(0.25))


def test_rating_that_is_null_is_none(dynamo: DynamoStore) -> None:
    put(dynamo, MODEL, "7", "bert", rating={"NULL": True})
    migrate(dynamo)

    assert _got(dynamo, "7").rating is None


@pytest.mark.parametrize("prefix", ["dataset", "code"])
@pytest.mark.parametrize(
    ("given", "expected"),
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
def test_single_link_becomes_a_reference(
    dynamo: DynamoStore, prefix: str, given: tuple[str, ...], expected: str | None
) -> None:
    of = ArtifactType(prefix)
    values = {"name": "SQuAD", "id": "9", "url": "https://example.org/9"}
    put(dynamo, MODEL, "7", "bert", **{f"{prefix}_{by}": _text(values[by]) for by in given})
    migrate(dynamo)

    made = {"name": by_name, "id": by_id, "url": by_url}
    wanted: tuple[Reference, ...] = (made[expected](of, values[expected]),) if expected else ()
    assert _got(dynamo, "7").references == wanted


def test_dangling_id_resolves_to_nothing_until_it_is_there(dynamo: DynamoStore) -> None:
    put(dynamo, MODEL, "7", "bert", dataset_id=_text("9"))
    migrate(dynamo)
    model = _got(dynamo, "7")
    assert links(dynamo, model) == [None]

    put(dynamo, DATASET, "9", "squad")
    migrate(dynamo)
    assert links(dynamo, model) == ["9"]


def test_empty_link_attributes_are_none(dynamo: DynamoStore) -> None:
    put(dynamo, MODEL, "7", "bert", dataset_name=_text(""), dataset_id=_text("9"))
    migrate(dynamo)

    assert _got(dynamo, "7").references == (by_id(DATASET, "9"),)


@pytest.mark.parametrize(
    "change",
    [
        {"license": "mit"},
        {"rating": rating(0.75)},
        {"name": "roberta"},
        {"url": "https://n.org/x"},
    ],
    ids=["license", "rating", "name", "url"],
)
def test_migrated_item_can_be_updated(dynamo: DynamoStore, change: dict[str, Any]) -> None:
    target = register_one(dynamo, squad())
    put(
        dynamo,
        MODEL,
        "7",
        "bert",
        url=URL,
        dataset_name=_text("squad"),
        rating=_map(scores(0.25)),
        unknown={"L": [{"N": "1"}]},
    )
    migrate(dynamo)
    before = _got(dynamo, "7")

    after = update(dynamo, before, **change)

    assert (after.version, after.references) == (2, before.references)
    assert _got(dynamo, "7") == after
    assert _item(dynamo, "7")["unknown"] == {"L": [{"N": "1"}]}
    if "rating" not in change:
        assert after.rating is not None
        assert decode_rating(after.rating).net_score == 0.25
    assert named(dynamo, MODEL, after.name) == after
    assert at_url(dynamo, MODEL, after.url) == after
    assert links(dynamo, after) == [target.id]
    assert read_reverse_links(dynamo, target) == ["7"]
    assert walk(dynamo, listing(MODEL)) == [after]
    (outcome,) = dynamo.register([draft(MODEL, "two", url=after.url)], OnConflict.REJECT)
    assert refused(outcome, WriteErrorCode.ALREADY_EXISTS).artifact == after
    assert list(dynamo.check()) == []


def test_delete_leaves_nothing(dynamo: DynamoStore) -> None:
    put(dynamo, MODEL, "7", "bert", dataset_id=_text("9"))
    migrate(dynamo)
    before = _got(dynamo, "7")

    assert dynamo.delete("7", MODEL) == before
    refused(dynamo.delete("7", MODEL), WriteErrorCode.NOT_FOUND)
    assert [item["artifact_id"] for item in dynamo.client.scan()] == [_text("meta#schema")]


def test_wrong_type_and_stale_version_are_refused(dynamo: DynamoStore) -> None:
    put(dynamo, MODEL, "7", "bert")
    migrate(dynamo)

    refused(dynamo.update("7", DATASET, ArtifactPatch(name="x")), WriteErrorCode.WRONG_TYPE)
    refused(
        dynamo.update("7", MODEL, ArtifactPatch(name="x"), 2), WriteErrorCode.VERSION_CONFLICT
    )
    assert isinstance(dynamo.update("7", MODEL, ArtifactPatch(name="x"), 1), Artifact)


def test_migrated_artifact_takes_a_name_after_its_owner(dynamo: DynamoStore) -> None:
    owner = register_one(dynamo, squad())
    put(dynamo, DATASET, "9", "SQUAD")
    migrate(dynamo)

    migrated = update(dynamo, _got(dynamo, "9"), license="mit")

    assert named(dynamo, DATASET, "squad") == owner
    dynamo.delete(owner.id, None)
    assert named(dynamo, DATASET, "squad") == migrated


def test_item_of_ours_says_what_the_earlier_backend_reads(dynamo: DynamoStore) -> None:
    target = register_one(dynamo, squad())
    model = register_one(
        dynamo,
        draft(
            MODEL,
            " BERT ",
            by_name(DATASET, "SQuAD"),
            by_name(DATASET, "glue"),
            by_url(CODE, "https://example.org/code"),
            url=URL,
            download_url="https://example.org/bert.bin",
            rated=0.5,
        ),
    )

    item = _item(dynamo, model.id)

    texts = {name: of["S"] for name, of in item.items() if "S" in of}
    assert orjson.loads(texts["artifact"]) == {
        "metadata": {"name": " BERT ", "id": model.id, "type": "model"},
        "data": {"url": URL, "download_url": "https://example.org/bert.bin"},
    }
    assert texts["artifact_type"] == "model"
    assert texts["url"] == URL
    assert texts["name_normalized"] == "bert"
    assert orjson.loads(texts["rating"]) == scores(0.5)
    assert texts["dataset_name"] == "SQuAD"
    assert texts["dataset_id"] == target.id
    assert texts["code_url"] == "https://example.org/code"
    assert "dataset_url" not in texts
    assert "code_id" not in texts
    assert "code_name" not in texts


def test_unknown_attributes_survive_an_update(dynamo: DynamoStore) -> None:
    target = register_one(dynamo, squad())
    dynamo.client.control.update_item(
        TableName=dynamo.name,
        Key={"artifact_id": {"S": target.id}},
        UpdateExpression="SET other_program = :x",
        ExpressionAttributeValues={":x": {"B": b"\x00\xff"}},
    )

    update(dynamo, update(dynamo, target, license="mit"), name="glue")

    raw = dynamo.client.control.get_item(
        TableName=dynamo.name, Key={"artifact_id": {"S": target.id}}
    )
    assert raw["Item"]["other_program"] == {"B": b"\x00\xff"}
