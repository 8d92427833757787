"""The commands of the store in this process, on a file of the test."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from storage.cli import app
from tests.storage.command_line import Run


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "SQLITE_PATH": str(tmp_path / "registry.db"),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str, **settings: str) -> Result:
        return CliRunner().invoke(app, arguments, env=environment | settings)

    return command
