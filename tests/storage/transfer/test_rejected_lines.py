"""Lines with values out of range are rejected alone, with their field, in all stores alike."""

from typing import Any

import pytest

from storage.store import Store
from tests.storage.samples import listing
from tests.storage.transfer.round_trip import import_all, to_lines
from tests.storage.transfer.test_import import CHANGE, OTHER, STORED

LAST_MOMENT = "9999-12-31T23:59:59-05:00"
RANGE = "must not be before 1970 or far in the future"
FUTURE = "must not be more than five minutes in the future"
DELETED: dict[str, Any] = {
    "type": "deleted",
    "deletedAt": "2024-01-01T00:00:00Z",
    "artifact": STORED,
}
TARGET = {"datasets": [{"name": "a", "resolved": {"id": "8", "version": 2**31}}]}
ARTIFACTS = [
    ({"version": 2**31}, "version", "must be at most 2000000000"),
    ({"version": 2**63}, "version", "must be at most 2000000000"),
    ({"version": 1e30}, "version", "must be an integer"),
    ({"version": 0}, "version", "must be at least 1"),
    ({"version": "2"}, "version", "must be an integer"),
    ({"version": True}, "version", "must be an integer"),
    ({"contentVersion": 3}, "contentVersion", "must not be higher than the version"),
    ({"createdAt": LAST_MOMENT}, "createdAt", RANGE),
    ({"createdAt": "0001-01-01T00:00:00+14:00"}, "createdAt", RANGE),
    ({"createdAt": "1970-01-01T00:00:00+14:00"}, "createdAt", RANGE),
    ({"updatedAt": "9998-12-31T23:59:59Z"}, "updatedAt", FUTURE),
    ({"namedAt": "9999-12-31T23:59:59.999999Z"}, "namedAt", RANGE),
    ({"ratedAt": "3000-01-01T00:00:00Z"}, "ratedAt", FUTURE),
    ({"namedAt": "2024-01-01T00:00:00"}, "namedAt", "must have a time zone"),
    ({"namedAt": "now"}, "namedAt", "must be a date and time of ISO 8601"),
    ({"namedAt": None}, "namedAt", "must be a date and time of ISO 8601"),
    ({"id": "a#b"}, "id", "must be 1 to 128 letters, digits and hyphens"),
    ({"createdBy": {"name": "a" * 1_001}}, "createdBy.name",
     "must have at most 1000 characters"),
    ({"createdBy": "alice"}, "createdBy", "must be an object"),
    ({"storedRating": 1}, "storedRating", "must be the text of a model's rating"),
    (TARGET, "datasets.0.resolved.version", "must be at most 2000000000"),
    ({"tags": ["a", ""]}, "tags.1", "must not be empty"),
    ({"more": 1}, "more", "is not a field of this input"),
]  # fmt: skip
CHANGES = [
    ({"version": 3}, "version", "must not be higher than that of the artifact, 2"),
    ({"version": 2**31}, "version", "must be at most 2000000001"),
    ({"artifactId": "8"}, "artifactId", "must be the id of the artifact before it"),
    ({"artifactType": "code"}, "artifactType", "must be the type of the artifact before it"),
    ({"artifactType": []}, "artifactType", "must be one of 'model', 'dataset' or 'code'"),
    ({"kind": "deleted"}, "kind", "must agree with whether the artifact is deleted"),
    ({"at": LAST_MOMENT}, "at", RANGE),
    ({"at": "9000-01-01T00:00:00Z"}, "at", FUTURE),
    ({"fields": {}}, "fields", "must be a list"),
    ({"fields": [{"field": 1}]}, "fields.0.field", "must be a string"),
    ({"requestId": "r" * 1_001}, "requestId", "must have at most 1000 characters"),
]


@pytest.mark.parametrize(("fields", "field", "message"), ARTIFACTS)
def test_values_of_artifacts_out_of_range(
    store: Store, fields: dict[str, Any], field: str, message: str
) -> None:
    lines = to_lines({**STORED, **fields}, OTHER)

    summary, rejects = import_all(store, lines)

    assert rejects == [(1, "INVALID", field, message)]
    assert (summary.registered, store.count(listing())) == (1, 1)


@pytest.mark.parametrize(("fields", "field", "message"), CHANGES)
def test_values_of_changes_out_of_range(
    store: Store, fields: dict[str, Any], field: str, message: str
) -> None:
    lines = to_lines(STORED, {**CHANGE, **fields}, OTHER)

    summary, rejects = import_all(store, lines)

    assert rejects == [(2, "INVALID", field, message)]
    assert (summary.registered, store.count(listing())) == (2, 2)


@pytest.mark.parametrize(
    ("line", "field", "message"),
    [
        ({**DELETED, "deletedAt": LAST_MOMENT}, "deletedAt", RANGE),
        ({**DELETED, "deletedAt": "9000-01-01T00:00:00Z"}, "deletedAt", FUTURE),
        ({**DELETED, "artifact": 1}, "artifact", "must be an object"),
        ({**DELETED, "artifact": OTHER}, "artifact", "must have an id, a version and times"),
        ({**DELETED, "artifact": {**STORED, "version": 0}}, "artifact.version",
         "must be at least 1"),
        ({"type": "dataset", "url": "x://y", "id": "7"}, "version", "is required"),
        ({"type": "dataset"}, "url", "is required"),
        (CHANGE, "artifactId", "must be the id of the artifact before it"),
    ],
)  # fmt: skip
def test_other_invalid_lines(
    store: Store, line: dict[str, Any], field: str, message: str
) -> None:
    _, rejects = import_all(store, to_lines(line, OTHER))

    assert rejects == [(1, "INVALID", field, message)]
    assert store.count(listing()) == 1


@pytest.mark.parametrize(
    "text",
    [
        b'{"type": "model", "url": "\xff"}',
        b'{"type": "model", "version": 1e400}',
        b'{"type": "model", "url": "\\ud800"}',
        b"[" * 5_000,
        b'{"type": "model", "tags": ' + b"[" * 2_000 + b"]" * 2_000 + b"}",
        b'{"type": "paper"}',
        b'{"type": []}',
        b"NaN",
        b'{"type": "model", "url": "https://x.org/a", "url": "https://x.org/b"}',
        b'{"type": "model", "url": "x://a", "rating": {"netScore": 1, "netScore": 0}}',
        b'{"type": "model", "type": "code", "n": ' + b"1" * 5_000 + b"}",
    ],
    ids=[
        "utf-8", "overflow", "surrogate", "open", "deep", "type", "list", "nan", "key twice",
        "nested key twice", "long number",
    ],
)  # fmt: skip
def test_lines_that_are_unreadable(store: Store, text: bytes) -> None:
    summary, _ = import_all(store, [text, *to_lines(OTHER)])

    assert summary.rejected == {"UNREADABLE": 1}
    assert store.count(listing()) == 1


@pytest.mark.parametrize("fields", [{"tags": 1}, CHANGE], ids=["artifact", "change"])
def test_deep_values_are_invalid(store: Store, fields: dict[str, Any]) -> None:
    deep = b'"license": ' if "tags" in fields else b'"fields": [{"field": "a", "after": '
    end = b"" if "tags" in fields else b"}]"
    others = {name: value for name, value in fields.items() if name != "fields"}
    line = to_lines({**STORED, **others})[0][:-1]
    text = line + b", " + deep + b"[" * 900 + b"]" * 900 + end + b"}"

    summary, _ = import_all(store, [*to_lines(STORED), text, *to_lines(OTHER)])

    assert summary.rejected == {"INVALID": 1}


def test_a_change_of_more_bytes_than_two_artifacts_is_too_many(store: Store) -> None:
    huge = {**CHANGE, "fields": [{"field": "a", "after": "x" * 400_000}]}

    _, rejects = import_all(store, to_lines(STORED, huge, OTHER))

    size = "must have at most 390,000 bytes as JSON, not 400,148"
    assert rejects == [(2, "TOO_MANY", "fields", size)]
    assert store.count(listing()) == 2


def test_an_artifact_of_more_bytes_than_fit_is_too_many(store: Store) -> None:
    tags = ["\x01" * 256] * 100

    _, rejects = import_all(store, to_lines({**STORED, "tags": tags}, OTHER))

    assert [(line, code) for line, code, *_ in rejects] == [(1, "TOO_MANY")]
    assert store.count(listing()) == 1
