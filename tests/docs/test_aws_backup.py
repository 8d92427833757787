"""Runs the commands of the backup in docs/aws.md on a table."""

import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from storage.cli import app
from storage.dynamodb.store import DynamoStore
from tests.docs.blocks import read_blocks
from tests.storage.engines import REGION
from tests.storage.samples import DATASET, bert, by_name, squad
from tests.storage.store_calls import register


def test_a_table_is_exported_and_imported_into_a_file(
    moto: DynamoStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(moto, squad(), bert(by_name(DATASET, "squad")))
    (block,) = [block for block in read_blocks("docs/aws.md") if block.label == "backup"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_REGION", REGION)

    results = [run(line, moto.name) for line in block.text.splitlines()]

    assert [result.exit_code for result in results] == [0, 0, 0]
    assert "registered 2" in results[1].output
    file = tmp_path / "copy.db"
    assert results[2].output == f"inconsistencies 0 in the file {file}\n"


def run(line: str, table: str) -> Result:
    words = shlex.split(line.replace("registry-artifacts", table))
    at = words.index(".venv/bin/python")
    env = dict(word.split("=", 1) for word in words[:at])
    assert words[at : at + 3] == [".venv/bin/python", "-m", "storage"]
    return CliRunner().invoke(app, words[at + 3 :], env=env)
