"""The schema is described completely, and `schema.graphql` is up to date."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import get_introspection_query
from typer.testing import CliRunner

from graph.cli import app as command
from graph.schema.build import create_schema, to_sdl
from tests.graph.clients import Client

SNAPSHOT = Path(__file__).parents[3] / "schema.graphql"
UPDATE = "python -m graph schema > schema.graphql"
_BUILT_IN = {"Boolean", "Float", "ID", "Int", "String"}


def iterate_elements(types: list[dict[str, Any]]) -> Iterator[tuple[str, str | None]]:
    """Yield every element of the schema except the built-in ones, and its description."""
    for type_ in types:
        name = type_["name"]
        if name in _BUILT_IN or name.startswith("__"):
            continue
        yield name, type_["description"]
        for member in ("fields", "inputFields", "enumValues"):
            for element in type_[member] or ():
                path = f"{name}.{element['name']}"
                yield path, element["description"]
                for argument in element.get("args", ()):
                    yield f"{path}({argument['name']})", argument["description"]


@pytest.mark.anyio
async def test_every_element_has_a_description(client: Client) -> None:
    data = await client.data(get_introspection_query(input_value_deprecation=True))

    descriptions = dict(iterate_elements(data["__schema"]["types"]))
    assert [path for path, description in descriptions.items() if not description] == []
    assert "Query.models(filter)" in descriptions


def test_snapshot_is_up_to_date() -> None:
    assert SNAPSHOT.read_text() == to_sdl(create_schema()), f"update it with: {UPDATE}"


def test_command_prints_the_schema() -> None:
    result = CliRunner().invoke(command, ["schema"])

    assert result.exit_code == 0
    assert result.output == SNAPSHOT.read_text()


def test_check_of_a_current_snapshot_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SNAPSHOT.parent)

    assert CliRunner().invoke(command, ["schema", "--check"]).exit_code == 0


def test_check_of_another_snapshot_fails_and_says_how_to_update_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schema.graphql").write_text("type Query { a: Int }\n")

    result = CliRunner().invoke(command, ["schema", "--check"])

    assert result.exit_code == 1
    assert UPDATE in result.output
