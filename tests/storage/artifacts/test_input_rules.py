"""The rules for the fields of inputs: the code and the path of each error."""

from typing import Any

import pytest

from storage.artifacts.inputs import parse_new_artifact
from storage.artifacts.records import ArtifactType
from storage.artifacts.writes import InvalidInputError, WriteErrorCode
from tests.storage.artifacts.input_errors import URL, errors_of, to_camel_case
from tests.storage.samples import (
    ALL_TYPES,
    CODE,
    DATASET,
    MODEL,
    scores,
)

INVALID, TOO_MANY = WriteErrorCode.INVALID, WriteErrorCode.TOO_MANY
RATING = to_camel_case(scores())
PROPERTIES = [{"key": "framework", "value": "jax"}]
ROLES = {
    "datasets": ["PRETRAINED_ON", "TRAINED_ON", "FINE_TUNED_ON", "EVALUATED_ON"],
    "codes": ["TRAINING", "EVALUATION", "INFERENCE"],
    "baseModels": ["FINE_TUNED", "ADAPTER", "QUANTIZED", "MERGED", "DISTILLED"],
}


@pytest.mark.parametrize(
    "name",
    ["", " ", "\t\n\u3000", "\x00", "a\x00", "\u200b", "*", " * ", "n" * 513, "\ud800"],
    ids=lambda name: ascii(name[:9]),
)
def test_an_invalid_name_is_an_error(name: str) -> None:
    assert errors_of(DATASET, {"url": URL, "name": name}) == [(INVALID, "name")]
    assert errors_of(MODEL, {"url": URL, "datasets": [{"name": name}]}) == [
        (INVALID, "datasets.0.name")
    ]


@pytest.mark.parametrize(
    "name", ["n" * 512, "ΐ" * 512, "a\x01", "\u0301", "**", "a*", "👩🏽‍💻"], ids=ascii
)
def test_a_valid_name_is_accepted(name: str) -> None:
    assert parse_new_artifact(DATASET, {"url": URL, "name": name}).name == name


@pytest.mark.parametrize("artifact_type", ALL_TYPES, ids=lambda each: each.value)
def test_a_url_is_required(artifact_type: ArtifactType) -> None:
    assert errors_of(artifact_type, {"name": "x"}) == [(INVALID, "url")]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"tags": ["t"] * 101}, [(TOO_MANY, "tags")]),
        ({"tags": [""]}, [(INVALID, "tags.0")]),
        ({"tags": ["ok", "t" * 257]}, [(INVALID, "tags.1")]),
        ({"tags": ["ok", 7]}, [(INVALID, "tags.1")]),
        ({"tags": "t"}, [(INVALID, "tags")]),
        ({"license": "l" * 257}, [(INVALID, "license")]),
        ({"license": 7}, [(INVALID, "license")]),
        ({"license": "\ud800"}, [(INVALID, "license")]),
        ({"description": "d" * 4_001}, [(INVALID, "description")]),
        ({"description": "\ud800"}, [(INVALID, "description")]),
        ({"properties": PROPERTIES * 33}, [(TOO_MANY, "properties")]),
        ({"properties": PROPERTIES * 2}, [(INVALID, "properties")]),
        ({"properties": [{"key": "", "value": ""}]}, [(INVALID, "properties.0.key")]),
        ({"properties": [{"key": "k" * 129, "value": ""}]}, [(INVALID, "properties.0.key")]),
        (
            {"properties": [{"key": "k", "value": "v" * 1_025}]},
            [(INVALID, "properties.0.value")],
        ),
        ({"properties": [{"key": "k", "value": None}]}, [(INVALID, "properties.0.value")]),
        ({"unknown": 1}, [(INVALID, "unknown")]),
        ({"url": None}, [(INVALID, "url")]),
        ({"name": 7, "license": 7}, [(INVALID, "name"), (INVALID, "license")]),
    ],
    ids=lambda value: (
        str(list(value))[:40] + str(len(str(value))) if isinstance(value, dict) else ""
    ),
)
def test_an_invalid_field_is_an_error(
    fields: dict[str, Any], expected: list[tuple[WriteErrorCode, str]]
) -> None:
    assert errors_of(DATASET, {"url": URL, **fields}) == expected


@pytest.mark.parametrize("artifact_type", [DATASET, CODE], ids=lambda each: each.value)
@pytest.mark.parametrize("field", ["datasets", "codes", "baseModels", "rating"])
def test_only_models_have_references_and_ratings(
    artifact_type: ArtifactType, field: str
) -> None:
    assert errors_of(artifact_type, {"url": URL, field: []}) == [(INVALID, field)]


@pytest.mark.parametrize(
    ("reference", "field"),
    [
        ({}, "datasets.0"),
        ({"id": "1", "name": "x"}, "datasets.0"),
        ({"id": None}, "datasets.0"),
        ({"id": "a#b"}, "datasets.0.id"),
        ({"id": ""}, "datasets.0.id"),
        ({"url": "squad"}, "datasets.0.url"),
        ({"other": "x"}, "datasets.0.other"),
        ("squad", "datasets.0"),
        ({"name": "x", "revision": ""}, "datasets.0.revision"),
        ({"name": "x", "revision": "r" * 257}, "datasets.0.revision"),
        ({"name": "x", "role": "trained_on"}, "datasets.0.role"),
        ({"name": "x", "role": 7}, "datasets.0.role"),
    ],
    ids=str,
)
def test_an_invalid_reference_is_an_error(reference: object, field: str) -> None:
    assert errors_of(MODEL, {"url": URL, "datasets": [reference]}) == [(INVALID, field)]


@pytest.mark.parametrize("field", ROLES)
def test_each_role_belongs_to_one_kind_of_reference(field: str) -> None:
    for owner, roles in ROLES.items():
        for role in roles:
            fields = {"url": URL, field: [{"name": "x"}, {"name": "y", "role": role}]}
            if owner == field:
                parse_new_artifact(MODEL, fields)
            else:
                assert errors_of(MODEL, fields) == [(INVALID, f"{field}.1.role")]


def test_a_model_has_at_most_ninety_references() -> None:
    def fields(datasets: int, codes: int) -> dict[str, Any]:
        names = [{"name": f"n{at}"} for at in range(90)]
        return {"url": URL, "datasets": names[:datasets], "codes": names[:codes]}

    assert len(parse_new_artifact(MODEL, fields(90, 0)).changes["datasets"]) == 90
    assert errors_of(MODEL, fields(45, 46)) == [(TOO_MANY, "")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"netScore": float("nan")}, "rating.netScore"),
        ({"netScore": float("inf")}, "rating.netScore"),
        ({"netScore": "0.5"}, "rating.netScore"),
        ({"netScore": None}, "rating.netScore"),
        ({"name": "n" * 513}, "rating.name"),
        ({"extra": 1.0}, "rating.extra"),
        ({"busFactor": True}, "rating.busFactor"),
        ({"sizeScore": {"raspberryPi": "x"}}, "rating.sizeScore.raspberryPi"),
        ({"sizeScore": {"other": 1.0}}, "rating.sizeScore.other"),
    ],
    ids=str,
)
def test_an_invalid_rating_is_an_error(change: dict[str, Any], field: str) -> None:
    found = errors_of(MODEL, {"url": URL, "rating": to_camel_case(scores()) | change})

    assert (INVALID, field) in found


@pytest.mark.parametrize("field", sorted(RATING))
def test_of_a_rating_only_the_net_score_is_required(field: str) -> None:
    for rating in ({**RATING, field: None}, {k: v for k, v in RATING.items() if k != field}):
        fields = {"url": URL, "rating": rating}
        if field == "netScore":
            assert (INVALID, "rating.netScore") in errors_of(MODEL, fields)
        else:
            parse_new_artifact(MODEL, fields)


@pytest.mark.parametrize("url", ["https://example.org", "https://example.org/" + "n" * 600])
def test_a_name_is_required_if_the_url_contains_none(url: str) -> None:
    assert errors_of(DATASET, {"url": url}) == [(INVALID, "name")]
    assert parse_new_artifact(DATASET, {"url": url, "name": "x"}).name == "x"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"unknown": 1}, "is not a field of this input"),
        ({"name": 7}, "must be a string"),
        ({"license": "l" * 257}, "must have at most 256 characters"),
        ({"tags": "t"}, "must be a list"),
        ({"tags": [""]}, "must not be empty"),
        ({"tags": ["t"] * 101}, "must have at most 100 tags"),
        ({"properties": PROPERTIES * 2}, "must not have a key twice"),
        ({"datasets": ["squad"]}, "must be an object"),
        ({"datasets": [{}]}, "must have exactly one of id, url and name"),
        (
            {"codes": [{"name": "x", "role": "MERGED"}]},
            "must be one of TRAINING, EVALUATION, INFERENCE",
        ),
        ({"rating": {"netScore": "x"}}, "must be a number"),
        ({"rating": {"netScore": float("nan")}}, "must be a finite number"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_messages_say_what_a_field_must_be(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_new_artifact(MODEL, {"url": URL, **fields})

    assert str(caught.value) == message
