"""The memory of `check` and `export` does not grow with the number of artifacts."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.client.fake_dynamo import TABLE, dynamo
from tests.storage.dynamodb.large_table import LargeTable
from tests.storage.engines import opened

pytestmark = [pytest.mark.slow, pytest.mark.serial]

FEW, MANY = 8_000, 24_000
_MOST_GROWTH_KB = 1_900
"""An id in a set takes 130 bytes, which are 2 MB for the difference."""
_MEASURED = """
import runpy, sys
sys.argv[0] = "storage"
try:
    runpy.run_module("storage", run_name="__main__")
finally:
    with open("/proc/self/status") as status:
        peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    print(peak, file=sys.stderr)
"""
"""Not ru_maxrss, which counts the process from which this one was made, too."""


def measure_peak(size: int, folder: Path, *command: str) -> tuple[int, str]:
    """Return the most memory of a command on a table, in KB, and what it said."""
    with opened("moto", folder) as store:
        assert isinstance(store, DynamoStore)
        table = LargeTable(store, size)
    with dynamo() as fake:
        fake.handler = table.answer
        environment = {
            "STORE": "dynamodb",
            "DDB_TABLE_NAME": TABLE,
            "AWS_REGION": "us-east-2",
            "AWS_ENDPOINT_URL_DYNAMODB": fake.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        done = subprocess.run(  # noqa: S603 - our own commands
            [sys.executable, "-c", _MEASURED, *command],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    *said, peak = done.stderr.splitlines()
    return int(peak), said[-1]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("command", ["check", "export"])
def test_memory_does_not_grow_with_the_number_of_artifacts(
    command: str, tmp_path: Path
) -> None:
    def measure(size: int) -> int:
        file = tmp_path / f"{size}.ndjson"
        arguments = [command] if command == "check" else [command, str(file)]
        peak, said = measure_peak(size, tmp_path, *arguments)
        if command == "check":
            assert said.startswith("inconsistencies 0 in the table artifacts ")
        else:
            with file.open("rb") as lines:
                types = Counter(json.loads(line)["type"] for line in lines)
            assert types == {"dataset": size, "change": size}
        return peak

    assert measure(MANY) - measure(FEW) < _MOST_GROWTH_KB
