"""Compares the documented limits of an artifact with those that inputs meet."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from storage.artifacts.inputs import parse_new_artifact
from storage.artifacts.records import ArtifactType
from storage.artifacts.write_limits import (
    MAX_ARTIFACT_BYTES,
    MAX_CHANGED_REFERENCES,
    MAX_VERSION,
)
from storage.artifacts.writes import InvalidInputError
from tests.docs.blocks import ROOT, read_table, read_text

PAGE = "docs/limits-and-errors.md"
URL = "https://example.org/"


def test_limits_of_writes_are_documented() -> None:
    text = read_text(PAGE)
    assert f"together have at most {MAX_ARTIFACT_BYTES:,} bytes as JSON" in text
    assert f"references to at most {MAX_CHANGED_REFERENCES} artifacts in total" in text
    assert f"Versions are at most {MAX_VERSION:,}." in text


def make_text(field: str) -> Callable[[int], Mapping[str, Any]]:
    return lambda size: {field: "a" * size}


def make_rating(category_size: int) -> Mapping[str, Any]:
    line = (ROOT / "storage/transfer/sample.ndjson").read_text().splitlines()[0]
    return {"rating": {**json.loads(line)["rating"], "category": "a" * category_size}}


def make_references(count: int) -> Mapping[str, Any]:
    names = [{"name": str(number)} for number in range(count)]
    return {"datasets": names[:40], "codes": names[40:80], "baseModels": names[80:]}


def make_properties(count: int) -> list[Mapping[str, str]]:
    return [{"key": str(number), "value": ""} for number in range(count)]


INPUTS: dict[str, Callable[[int], Mapping[str, Any]]] = {
    "`url`, `downloadUrl`": lambda size: {"downloadUrl": URL.ljust(size, "a")},
    "`name`": make_text("name"),
    "`description`": make_text("description"),
    "`license`": make_text("license"),
    "`tags`": lambda size: {"tags": ["a"] * size},
    "each tag": lambda size: {"tags": ["a" * size]},
    "`properties`": lambda size: {"properties": make_properties(size)},
    "`key` of a property": lambda size: {"properties": [{"key": "a" * size, "value": ""}]},
    "`value` of a property": lambda size: {"properties": [{"key": "a", "value": "a" * size}]},
    "references of a model, of all kinds": make_references,
    "`id` of a reference": lambda size: {"datasets": [{"id": "a" * size}]},
    "`revision` of a reference": lambda size: {
        "datasets": [{"id": "a", "revision": "a" * size}]
    },
    "`name`, `category` of a rating": make_rating,
}


def test_input_limits_are_documented() -> None:
    documented = read_table(PAGE, "Limits of an artifact")

    units = {name: cells[0].split()[1] for name, cells in documented.items()}
    limits = {name: find_limit(name) for name in documented}

    assert {
        name: [f"{size:,} {units[name]}", code] for name, (size, code) in limits.items()
    } == (documented)
    assert documented.keys() == INPUTS.keys()


def find_limit(name: str) -> tuple[int, str]:
    """Return the largest accepted size, and the error code of the next size."""
    accepted, rejected = 1, 10_000
    while rejected - accepted > 1:
        middle = (accepted + rejected) // 2
        if error_code(name, middle) is None:
            accepted = middle
        else:
            rejected = middle
    return accepted, f"`{error_code(name, rejected)}`"


def error_code(name: str, size: int) -> str | None:
    try:
        parse_new_artifact(ArtifactType.MODEL, {"url": f"{URL}model", **INPUTS[name](size)})
    except InvalidInputError as error:
        return error.errors[0].code.value
    return None
