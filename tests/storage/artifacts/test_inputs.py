"""Every rule of what may be registered: which field, which code, and what is kept."""

from datetime import UTC, datetime
from typing import Any

import pytest

from storage.artifacts.inputs import changes, checked_url, draft, identity
from storage.artifacts.records import (
    ArtifactPatch,
    ArtifactType,
    InvalidInputError,
    WriteErrorCode,
)
from tests.storage.samples import (
    CODE,
    DATASET,
    EVERY_TYPE,
    MODEL,
    by_id,
    by_name,
    by_url,
    rating,
    scores,
)

URL = "https://example.org/squad"
INVALID, TOO_MANY = WriteErrorCode.INVALID, WriteErrorCode.TOO_MANY


def _camel(fields: dict[str, Any]) -> dict[str, Any]:
    def spell(name: str) -> str:
        first, *rest = name.split("_")
        return first + "".join(word.capitalize() for word in rest)

    return {
        spell(name): _camel(value) if isinstance(value, dict) else value
        for name, value in fields.items()
    }


def _rejected(of: ArtifactType, fields: dict[str, Any]) -> list[tuple[WriteErrorCode, str]]:
    with pytest.raises(InvalidInputError) as refused:
        draft(of, fields)
    assert all(rejection.message for rejection in refused.value.errors)
    return [(r.code, ".".join(r.field)) for r in refused.value.errors]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "squad",
        "/squad",
        "//example.org/squad",
        "https://",
        "https:///squad",
        "mailto:a@example.org",
        "https://example.org/a b",
        "https://example.org/\n",
        " https://example.org/",
        "https://example.org/\x00",
        "http://[::1",
        "https://example.org/" + "u" * 1_981,
        "https://example.org/" + "é" * 991,
        "https://example.org/\ud800",
    ],
    ids=lambda url: ascii(url[:30]) + str(len(url)),
)
def test_bad_url(url: str) -> None:
    assert _rejected(DATASET, {"url": url}) == [(INVALID, "url")]
    assert _rejected(DATASET, {"url": URL, "downloadUrl": url}) == [(INVALID, "downloadUrl")]
    with pytest.raises(InvalidInputError) as refused:
        checked_url(url)
    assert refused.value.errors[0].field == ("url",)


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "s3://bucket/key",
        "https://example.org/" + "u" * 1_980,
        "https://example.org/é" * 1,
        "http://[::1]:80/x",
        "https://例え.jp/x",
    ],
    ids=lambda url: ascii(url[:30]),
)
def test_good_url(url: str) -> None:
    assert draft(DATASET, {"url": url, "name": "x"}).url == url
    assert checked_url(url) == url


@pytest.mark.parametrize(
    "name",
    ["", " ", "\t\n\u3000", "*", " * ", "n" * 513, "\ud800"],
    ids=lambda name: ascii(name[:9]),
)
def test_bad_name(name: str) -> None:
    assert _rejected(DATASET, {"url": URL, "name": name}) == [(INVALID, "name")]
    assert _rejected(MODEL, {"url": URL, "datasets": [{"name": name}]}) == [
        (INVALID, "datasets.0.name")
    ]


@pytest.mark.parametrize(
    "name", ["n" * 512, "ΐ" * 512, "\x00", "**", "a*", "👩🏽‍💻"], ids=ascii
)
def test_good_name(name: str) -> None:
    assert draft(DATASET, {"url": URL, "name": name}).name == name


def test_name_left_out_is_derived_and_is_no_change() -> None:
    found = draft(DATASET, {"url": URL})

    assert found.name == "squad"
    assert "name" not in found.changes


@pytest.mark.parametrize("url", ["https://example.org", "https://example.org/" + "n" * 600])
def test_name_that_the_url_does_not_say_must_be_given(url: str) -> None:
    assert _rejected(DATASET, {"url": url}) == [(INVALID, "name")]
    assert draft(DATASET, {"url": url, "name": "x"}).name == "x"


@pytest.mark.parametrize("of", EVERY_TYPE, ids=lambda of: of.value)
def test_url_must_be_given(of: ArtifactType) -> None:
    assert _rejected(of, {"name": "x"}) == [(INVALID, "url")]


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
        ({"unknown": 1}, [(INVALID, "unknown")]),
        ({"url": None}, [(INVALID, "url")]),
        ({"name": 7, "license": 7}, [(INVALID, "name"), (INVALID, "license")]),
    ],
    ids=lambda value: (
        str(list(value))[:40] + str(len(str(value))) if isinstance(value, dict) else ""
    ),
)
def test_bad_field(fields: dict[str, Any], expected: list[tuple[WriteErrorCode, str]]) -> None:
    assert _rejected(DATASET, {"url": URL, **fields}) == expected


@pytest.mark.parametrize("of", [DATASET, CODE], ids=lambda of: of.value)
@pytest.mark.parametrize("field", ["datasets", "codes", "baseModels", "rating"])
def test_references_and_ratings_are_for_models(of: ArtifactType, field: str) -> None:
    assert _rejected(of, {"url": URL, field: []}) == [(INVALID, field)]


@pytest.mark.parametrize(
    ("reference", "field"),
    [
        ({}, "datasets.0"),
        ({"id": "1", "name": "x"}, "datasets.0"),
        ({"id": None}, "datasets.0"),
        ({"id": "1", "url": None}, "datasets.0"),
        ({"id": "a#b"}, "datasets.0.id"),
        ({"id": ""}, "datasets.0.id"),
        ({"url": "squad"}, "datasets.0.url"),
        ({"other": "x"}, "datasets.0.other"),
        ("squad", "datasets.0"),
    ],
    ids=str,
)
def test_bad_reference(reference: object, field: str) -> None:
    assert _rejected(MODEL, {"url": URL, "datasets": [reference]}) == [(INVALID, field)]


def test_references_are_kept_as_asked() -> None:
    found = draft(
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


def test_ninety_references_are_taken_and_no_more() -> None:
    def fields(datasets: int, codes: int) -> dict[str, Any]:
        names = [{"name": f"n{at}"} for at in range(90)]
        return {"url": URL, "datasets": names[:datasets], "codes": names[:codes]}

    assert len(draft(MODEL, fields(90, 0)).changes["datasets"]) == 90
    assert _rejected(MODEL, fields(45, 46)) == [(TOO_MANY, "")]


def test_whole_rating_is_kept_field_for_field() -> None:
    found = draft(MODEL, {"url": URL, "rating": _camel(scores(0.25))})

    assert found.changes["rating"] == rating(0.25)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"netScore": float("nan")}, "rating.netScore"),
        ({"netScore": float("inf")}, "rating.netScore"),
        ({"netScore": "0.5"}, "rating.netScore"),
        ({"netScore": None}, "rating.netScore"),
        ({"name": "n" * 513}, "rating.name"),
        ({"extra": 1.0}, "rating.extra"),
        ({"sizeScore": {}}, "rating.sizeScore.raspberryPi"),
    ],
    ids=str,
)
def test_bad_rating(change: dict[str, Any], field: str) -> None:
    found = _rejected(MODEL, {"url": URL, "rating": _camel(scores()) | change})

    assert (INVALID, field) in found


@pytest.mark.parametrize("field", sorted(_camel(scores())))
def test_rating_without_a_field_is_none(field: str) -> None:
    fields = _camel(scores())
    del fields[field]

    assert _rejected(MODEL, {"url": URL, "rating": fields}) == [(INVALID, f"rating.{field}")]


def test_changes_hold_what_was_given_alone() -> None:
    assert changes(MODEL, {}) == ArtifactPatch()
    assert changes(MODEL, {"license": None, "tags": None, "rating": None, "codes": None}) == (
        ArtifactPatch(license=None, tags=(), rating=None, codes=())
    )
    assert changes(DATASET, {"name": "x", "url": URL}) == ArtifactPatch(name="x", url=URL)


@pytest.mark.parametrize("field", ["url", "name"])
def test_url_and_name_cannot_be_cleared(field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        changes(DATASET, {field: None})

    (rejection,) = refused.value.errors
    assert (rejection.code, rejection.field) == (INVALID, (field,))


def test_identity_is_whole_or_refused() -> None:
    fields = {
        "id": "7",
        "version": 3,
        "createdAt": "2024-01-01T00:00:00Z",
        "updatedAt": "2024-01-01T01:00:00+01:00",
        "namedAt": "2024-01-01T00:00:00.000001Z",
    }

    found = identity(fields)

    assert (found.id, found.version) == ("7", 3)
    assert found.updated_at == found.created_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert found.named_at.microsecond == 1
    for field in fields:
        with pytest.raises(InvalidInputError) as refused:
            identity({name: value for name, value in fields.items() if name != field})
        assert refused.value.errors[0].field == (field,)
    for bad in (
        {"version": 0},
        {"id": "a#b"},
        {"createdAt": "2024-01-01T00:00:00"},
        {"createdAt": "1969-01-01T00:00:00Z"},
    ):
        with pytest.raises(InvalidInputError):
            identity(fields | bad)
