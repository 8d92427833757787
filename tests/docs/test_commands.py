"""The commands of the README and of docs/ do what stands there, in a folder like a clone's.

Marked blocks need an AWS account or Docker: `tests/deploy` compares the former with AWS's API,
and `.ci/run` builds the image. It also runs the README's first two in a clone.
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

from tests.docs.blocks import PAGES, ROOT, Block, StandIns, blocks
from tests.graph.server_process import Start, await_ready, free_port, starting
from tests.storage.engines import LOCAL, REGION

pytestmark = [pytest.mark.slow, pytest.mark.serial]

IN_A_CLONE = 2
"""How many of the README's blocks .ci/run runs in a new clone."""
TABLE = f"docs_{uuid4().hex}"
SERVES = re.compile(r"-m graph(?! (?:token|schema))[^\n]*$")


def commands(page: str) -> list[tuple[Block, Block]]:
    """The blocks of commands that need this machine alone, each with the block behind it."""
    found = pairwise([*blocks(page), Block("end", "", "")])
    pairs = [pair for pair in found if (pair[0].language, pair[0].more) == ("sh", "")]
    return pairs[IN_A_CLONE:] if page == "README.md" else pairs


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with starting(tmp_path) as start:
        yield start


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder that holds what a clone holds, and an environment with all of it installed."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for entry in ROOT.iterdir():
        if entry.name not in (".git", ".venv") and not entry.name.startswith("artifacts.db"):
            (folder / entry.name).symlink_to(entry)
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


@pytest.fixture(autouse=True)
def no_table_left() -> Iterator[None]:
    yield
    if LOCAL is not None:
        client = boto3.client("dynamodb", REGION)
        with suppress(client.exceptions.ResourceNotFoundException):
            client.delete_table(TableName=TABLE)


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)])
def test_the_commands_work(clone: Path, start: Start, page: str) -> None:
    port = free_port()
    if any("curl" in block.text for block, _ in commands(page)):
        start("--port", str(port), "--sample")
        await_ready(port)
    for block, following in commands(page):
        if not can_run(block.text):
            continue
        text = block.text.strip().replace("127.0.0.1:8000", f"127.0.0.1:{port}")
        said = serve(text, clone) if SERVES.search(text) else run(text, clone)
        if "curl" in text and following.language == "json":
            shown = json.loads(following.text)
            assert list(StandIns().differences(shown, json.loads(said))) == []


def can_run(text: str) -> bool:
    """Whether what the commands need is there: .ci/run has DynamoDB Local."""
    if ".ci/local" in text:
        return LOCAL is not None and (ROOT / ".cache").is_dir()
    return LOCAL is not None or "STORE=dynamodb" not in text


def run(text: str, folder: Path) -> str:
    """What commands print that end by themselves."""
    with shell(text, folder) as process:
        out, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        return out


def serve(text: str, folder: Path) -> str:
    """Wait until the server is ready that the last of the commands starts, and end it."""
    first, _, last = text.rpartition("\n")
    said = run(first, folder) if first else ""
    port = free_port()
    last = last.replace("THE_HASH_IT_PRINTED", said.strip().rpartition(":")[2])
    with shell(f"{last} --port {port}", folder):
        await_ready(port)
    return said


@contextmanager
def shell(text: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Commands in a process group of their own, of which nothing is left in the end."""
    process = subprocess.Popen(  # noqa: S603 - our own documentation
        ["/bin/bash", "-euo", "pipefail", "-c", text],
        cwd=folder,
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
