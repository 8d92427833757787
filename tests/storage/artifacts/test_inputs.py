"""Parsing inputs: new artifacts, patches and identities."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.artifacts.inputs import parse_identity, parse_new_artifact, parse_patch
from storage.artifacts.writes import ArtifactPatch, InvalidInputError, WriteErrorCode
from tests.storage.artifacts.input_errors import URL, to_camel_case
from tests.storage.samples import (
    CODE,
    DATASET,
    MODEL,
    by_id,
    by_name,
    by_url,
    rating,
    scores,
)

INVALID = WriteErrorCode.INVALID
NOW = datetime(2030, 1, 1, tzinfo=UTC)
IDENTITY: dict[str, object] = {
    "id": "7",
    "version": 3,
    "createdAt": "2024-01-01T00:00:00Z",
    "updatedAt": "2024-01-01T01:00:00.123456+01:00",
    "namedAt": "2024-01-01T00:00:00.000001Z",
}


def test_a_missing_name_is_derived_but_is_not_a_change() -> None:
    found = parse_new_artifact(DATASET, {"url": URL})

    assert found.name == "squad"
    assert "name" not in found.changes


def test_references_keep_their_values() -> None:
    found = parse_new_artifact(
        MODEL,
        {
            "url": URL,
            "datasets": [{"name": " SQuAD "}, {"id": "7"}],
            "codes": [{"url": "https://x.org"}],
            "baseModels": [],
        },
    )

    assert found.changes == ArtifactPatch(
        url=URL,
        datasets=(by_name(DATASET, " SQuAD "), by_id(DATASET, "7")),
        codes=(by_url(CODE, "https://x.org"),),
        base_models=(),
    )


def test_a_rating_keeps_all_fields() -> None:
    found = parse_new_artifact(MODEL, {"url": URL, "rating": to_camel_case(scores(0.25))})

    assert found.changes["rating"] == rating(0.25)


def test_a_patch_has_only_the_given_fields() -> None:
    assert parse_patch(MODEL, {}) == ArtifactPatch()
    assert parse_patch(
        MODEL, {"license": None, "tags": None, "rating": None, "codes": None}
    ) == (ArtifactPatch(license=None, tags=(), rating=None, codes=()))
    assert parse_patch(DATASET, {"name": "x", "url": URL}) == ArtifactPatch(name="x", url=URL)


@pytest.mark.parametrize("field", ["url", "name"])
def test_url_and_name_cannot_be_cleared(field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_patch(DATASET, {field: None})

    (error,) = caught.value.errors
    assert (error.code, error.field) == (INVALID, ("input", field))


def test_of_two_references_with_the_same_target_and_role_the_first_is_kept() -> None:
    found = parse_new_artifact(
        MODEL,
        {
            "url": URL,
            "datasets": [
                {"name": "SQuAD", "revision": "v1"},
                {"name": " squad "},
                {"name": "squad", "role": "TRAINED_ON"},
                {"url": URL},
                {"url": URL, "revision": "v2"},
            ],
        },
    )

    assert found.changes["datasets"] == (
        by_name(DATASET, "SQuAD", revision="v1"),
        by_name(DATASET, "squad", role="TRAINED_ON"),
        by_url(DATASET, URL),
    )


def test_descriptions_and_properties_are_patched() -> None:
    properties = [{"key": "b", "value": ""}, {"key": "a", "value": "1"}]

    assert parse_patch(
        DATASET, {"description": "text", "properties": properties}
    ) == ArtifactPatch(description="text", properties=(("a", "1"), ("b", "")))
    assert parse_patch(DATASET, {"description": "", "properties": []}) == ArtifactPatch(
        description=None, properties=()
    )


def test_an_identity_needs_its_id_version_and_times() -> None:
    found = parse_identity(IDENTITY, NOW)

    assert (found.id, found.version) == ("7", 3)
    assert found.created_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert found.updated_at == datetime(2024, 1, 1, 0, 0, 0, 123_000, tzinfo=UTC)
    assert found.named_at.microsecond == 1
    for field in IDENTITY:
        fields = {name: value for name, value in IDENTITY.items() if name != field}
        assert _identity_error(fields) == ("input", field)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 0),
        ("version", 2**31),
        ("version", 2**63),
        ("version", "3"),
        ("contentVersion", 2**31),
        ("id", "a#b"),
        ("createdAt", "2024-01-01T00:00:00"),
        ("createdAt", "1969-01-01T00:00:00Z"),
        ("createdAt", "9999-12-31T23:59:59-05:00"),
        ("updatedAt", "9999-12-31T23:59:59.999999Z"),
        ("updatedAt", "9998-12-31T23:59:59-05:00"),
        ("namedAt", "9999-12-31T23:59:59.999999Z"),
        ("namedAt", "0001-01-01T00:00:00+14:00"),
        ("ratedAt", "2030-01-01T00:05:01Z"),
        ("createdBy", {}),
        ("ratedBy", {"name": "\ud800"}),
    ],
    ids=str,
)
def test_an_invalid_value_of_an_identity_is_an_error(field: str, value: object) -> None:
    assert _identity_error({**IDENTITY, field: value})[:2] == ("input", field)


@pytest.mark.parametrize("field", ["createdAt", "updatedAt", "namedAt", "ratedAt"])
def test_times_are_at_most_five_minutes_ahead(field: str) -> None:
    parse_identity({**IDENTITY, field: (NOW + timedelta(minutes=5)).isoformat()}, NOW)

    late = (NOW + timedelta(minutes=5, milliseconds=1)).isoformat()
    assert _identity_error({**IDENTITY, field: late}) == ("input", field)


def _identity_error(fields: dict[str, object]) -> tuple[str, ...]:
    with pytest.raises(InvalidInputError) as caught:
        parse_identity(fields, NOW)
    (error,) = caught.value.errors
    assert error.code is INVALID
    return error.field
