"""The version that both commands print."""

from importlib.metadata import version

import pytest
import typer
from typer.testing import CliRunner

from graph.cli import app as server
from storage.cli import app as store


@pytest.mark.parametrize("command", [server, store], ids=["graph", "storage"])
def test_a_command_prints_the_version(command: typer.Typer) -> None:
    result = CliRunner().invoke(command, ["--version"])

    assert result.exit_code == 0
    assert result.output == f"artifact-registry {version('artifact-registry')}\n"
