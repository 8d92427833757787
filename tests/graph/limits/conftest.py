"""A Redis server for the tests of rate limits."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.graph.server_process import free_port


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """The URL of a new Redis server."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    path = tmp_path / "redis"
    path.mkdir()
    port = free_port()
    arguments = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(path)]
    with subprocess.Popen(["redis-server", *arguments], stdout=subprocess.PIPE) as process:  # noqa: S603, S607 - a server of our own
        assert process.stdout is not None
        assert any(b"Ready to accept connections" in line for line in process.stdout)
        yield f"redis://127.0.0.1:{port}"
        process.kill()
