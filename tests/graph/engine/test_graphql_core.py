"""graphql-core's own tests of execution pass on this engine.

They need pytest-describe, which is not installed with this project: it would collect its tests
too. `.ci/run` puts it beside graphql-core's tests.
"""

import os  # the folder is no setting of the product
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = os.environ.get("GRAPHQL_CORE_TESTS", "")  # noqa: TID251 - see above
NAMES = [
    "abstract",
    "directives",
    "executor",
    "lists",
    "mutations",
    "nonnull",
    "parallel",
    "resolve",
    "union_interface",
    "variables",
]
OPTIONS = [
    "-q",
    "-c",
    "/dev/null",
    "-p",
    "no:cacheprovider",
    "-p",
    "graphql_core_plugin",
    "-W",
    "ignore",
]


@pytest.mark.slow
@pytest.mark.skipif(
    not FOLDER, reason="GRAPHQL_CORE_TESTS does not name the folder of graphql-core's tests"
)
def test_graphql_core_tests() -> None:
    tests = Path(FOLDER).absolute()
    paths = [str(tests / "execution" / f"test_{name}.py") for name in NAMES]
    here = Path(__file__)
    sources = [str(here.parents[3]), str(here.parent), str(tests.parent / "plugins")]
    result = subprocess.run(  # noqa: S603 - no input of others
        [sys.executable, "-m", "pytest", *OPTIONS, "--rootdir", str(tests.parent), *paths],
        cwd=tests.parent,
        env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sources)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == 0, result.stdout
    found = re.search(r"(\d+) passed", result.stdout)
    assert found
    assert int(found[1]) > 200
