"""Runs the commands of the README and of docs/ in a directory like a clone.

Blocks with a label need an AWS account or Docker, or are run elsewhere: `test_aws.py` compares
those for AWS with its API, and `.ci/run` builds the image and runs the README's first two
blocks in a clone.
"""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import boto3
import pytest

from tests.docs.blocks import END, PAGES, ROOT, Block, Placeholders, read_blocks
from tests.graph.server_process import Start, await_ready, free_port, starting
from tests.storage import tables
from tests.storage.engines import LOCAL, REGION

pytestmark = [pytest.mark.slow, pytest.mark.serial]

RUN_IN_A_CLONE = 2
"""The number of the README's blocks that .ci/run runs in a new clone."""
TABLE = f"docs_{uuid4().hex}"
STARTS_SERVER = re.compile(r"-m graph(?! (?:token|schema))[^\n]*$")


def read_commands(page: str) -> list[tuple[Block, Block]]:
    """Read the blocks of commands that need only this machine, each with the block after it."""
    pairs = pairwise([*read_blocks(page), END])
    commands = [pair for pair in pairs if (pair[0].language, pair[0].label) == ("sh", "")]
    return commands[RUN_IN_A_CLONE:] if page == "README.md" else commands


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with starting(tmp_path) as start:
        yield start


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A directory like a clone in which the registry has run, with all packages."""
    directory = tmp_path / "clone"
    directory.mkdir()
    for entry in ROOT.iterdir():
        if entry.name not in (".git", ".venv") and not entry.name.startswith("artifacts.db"):
            (directory / entry.name).symlink_to(entry)
    (directory / ".venv").symlink_to(sys.prefix)
    run(".venv/bin/python -m storage create", directory)
    return directory


@pytest.fixture(autouse=True)
def delete_table() -> Iterator[None]:
    yield
    if LOCAL is not None:
        client = boto3.client("dynamodb", REGION)
        with suppress(client.exceptions.ResourceNotFoundException):
            tables.delete_table(client, TABLE)


@pytest.mark.parametrize("page", [page for page in PAGES if read_commands(page)])
def test_commands_work(clone: Path, start: Start, page: str) -> None:
    port = free_port()
    if any("curl" in block.text for block, _ in read_commands(page)):
        start("--port", str(port), "--sample")
        await_ready(port)
    for block, following in read_commands(page):
        if not can_run(block.text):
            continue
        text = block.text.strip().replace("127.0.0.1:8000", f"127.0.0.1:{port}")
        output = serve(text, clone) if STARTS_SERVER.search(text) else run(text, clone)
        if "curl" in text and following.language == "json":
            shown = json.loads(following.text)
            assert list(Placeholders().find_differences(shown, json.loads(output))) == []


def can_run(text: str) -> bool:
    """Return whether what the commands need is available; DynamoDB Local is in .ci/run."""
    if "ACTIONS_ID_TOKEN" in text:  # a job of GitHub Actions
        return False
    if ".ci/local" in text:
        return LOCAL is not None and (ROOT / ".cache").is_dir()
    return LOCAL is not None or "STORE=dynamodb" not in text


def run(text: str, directory: Path) -> str:
    """Run commands that end by themselves, and return their output."""
    with shell(text, directory) as process:
        out, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        return out


def serve(text: str, directory: Path) -> str:
    """Run commands of which the last starts a server, wait until it is ready, and end it."""
    first, _, last = text.rpartition("\n")
    output = run(first, directory) if first else ""
    port = free_port()
    entry = output.strip().rpartition("\n")[2]
    last = last.replace("THE_HASH_AND_DATE_IT_PRINTED", entry.removeprefix("ci:write:"))
    with shell(f"{last} --port {port}", directory):
        await_ready(port)
    return output


@contextmanager
def shell(text: str, directory: Path) -> Iterator[subprocess.Popen[str]]:
    """Run commands in their own process group, which is killed at the end."""
    process = subprocess.Popen(  # noqa: S603 - our own documentation
        ["/bin/bash", "-euo", "pipefail", "-c", text],
        cwd=directory,
        env={
            **os.environ,  # noqa: TID251 - a process needs one
            "PORT": str(free_port()),
            "DDB_TABLE_NAME": TABLE,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
