"""The errors of invalid inputs."""

from typing import Any

import pytest

from storage.artifacts.inputs import parse_new_artifact
from storage.artifacts.records import ArtifactType
from storage.artifacts.writes import InvalidInputError, WriteErrorCode

URL = "https://example.org/squad"


def to_camel_case(fields: dict[str, Any]) -> dict[str, Any]:
    def spell(name: str) -> str:
        first, *rest = name.split("_")
        return first + "".join(word.capitalize() for word in rest)

    return {
        spell(name): to_camel_case(value) if isinstance(value, dict) else value
        for name, value in fields.items()
    }


def errors_of(
    artifact_type: ArtifactType, fields: dict[str, Any]
) -> list[tuple[WriteErrorCode, str]]:
    """The code of each error of an invalid input, and its path below the argument."""
    with pytest.raises(InvalidInputError) as caught:
        parse_new_artifact(artifact_type, fields)
    assert all(error.message for error in caught.value.errors)
    assert {error.field[0] for error in caught.value.errors} == {"input"}
    return [(error.code, ".".join(error.field[1:])) for error in caught.value.errors]
