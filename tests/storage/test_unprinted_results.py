"""Commands whose result cannot be printed say so in one line."""

import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")
UNPRINTED = "the result cannot be printed: No space left on device"


@pytest.mark.slow
@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", ["storage retention 5", "storage create", "graph schema"])
def test_a_result_that_cannot_be_printed_is_one_line_and_a_failure(
    environment: dict[str, str],
    tmp_path: Path,
    command: str,
) -> None:
    python = [sys.executable, "-m"]
    subprocess.run([*python, "storage", "create"], env=environment, cwd=tmp_path, check=True)  # noqa: S603 - constants

    with FULL.open("wb") as full:
        result = subprocess.run(  # noqa: S603 - constants
            [*python, *command.split()],
            env=environment,
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            text=True,
        )

    assert result.stderr.splitlines()[-1] == UNPRINTED
    assert "Traceback" not in result.stderr
    assert result.returncode == 1
