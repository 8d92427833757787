"""The commands in docs/migrating.md migrate a table of the earlier backend."""

import re
from itertools import count

import pytest
from botocore import handlers
from typer.testing import CliRunner, Result

from storage.cli import app
from storage.dynamodb.store import DynamoStore
from tests.docs.blocks import read_blocks
from tests.storage.dynamodb.legacy.legacy_backend import create_legacy_table, put_artifact
from tests.storage.engines import REGION
from tests.storage.samples import DATASET, MODEL

TAKEN = "https://example.org/dataset/taken"
DUPLICATE = f"url#dataset#{TAKEN} is the url of 2 artifacts: 1, 2"
NO_CHANGES = [
    "indexes added: none",
    "indexes removed: none",
    "artifacts migrated: 0",
    "items repaired: 0",
    "undecided: 1",
    f"  {DUPLICATE}",
]
BUILT_IN_HANDLERS: list[tuple[object, ...]] = handlers.BUILTIN_HANDLERS
"""The event handlers of every botocore client."""
COMMANDS = [
    block.text.split("python -m storage ")[1].split()
    for block in read_blocks("docs/migrating.md")
    if (block.language, block.label) == ("sh", "table")
]


@pytest.fixture(autouse=True)
def legacy_table(dynamo: DynamoStore, monkeypatch: pytest.MonkeyPatch) -> DynamoStore:
    """A table of the earlier backend, to which the settings refer."""
    monkeypatch.setenv("STORE", "dynamodb")
    monkeypatch.setenv("DDB_TABLE_NAME", dynamo.name)
    monkeypatch.setenv("AWS_REGION", REGION)
    create_legacy_table(dynamo)
    put_artifact(dynamo, DATASET, "1", "Squad", url=TAKEN)
    put_artifact(dynamo, DATASET, "2", "squad", url=TAKEN)
    put_artifact(dynamo, MODEL, "3", "bert", dataset_name={"S": "SQUAD"})
    return dynamo


@pytest.fixture
def results() -> dict[str, Result]:
    """The results of the page's commands, run in order, and of an early run afterwards."""
    results = {" ".join(command): CliRunner().invoke(app, command) for command in COMMANDS}
    return {**results, "again": CliRunner().invoke(app, ["migrate", "--early"])}


def test_each_command_reports_its_changes_and_what_is_undecided(
    results: dict[str, Result],
) -> None:
    indexes = "by_bearing, by_reference"
    assert {
        command: (result.exit_code, result.stdout.splitlines())
        for command, result in results.items()
    } == {
        "migrate --dry-run": (
            0,
            [
                f"indexes would be added: {indexes}",
                "indexes would be removed: none",
                "artifacts would be migrated: 3",
                "items would be repaired: 0",
                "undecided: 1",
                f"  {DUPLICATE}",
            ],
        ),
        "migrate --early": (
            0,
            [
                f"indexes added: {indexes}",
                "indexes removed: none",
                "artifacts migrated: 3",
                "items repaired: 0",
                "undecided: 1",
                f"  {DUPLICATE}",
                "not finished: stop the earlier backend and run it without --early",
            ],
        ),
        "migrate": (0, NO_CHANGES),
        "check": (1, [DUPLICATE]),
        "again": (0, NO_CHANGES),
    }


def test_progress_is_written_to_stderr_when_it_is_no_terminal(
    results: dict[str, Result],
) -> None:
    stages = re.findall(
        r"^(\w+): [\d,]+ of [\d,]+", results["migrate --early"].stderr, re.MULTILINE
    )

    assert list(dict.fromkeys(stages)) == ["indexes", "reading", "artifacts"]


def test_artifacts_that_are_written_all_the_time_are_left_to_another_run(
    legacy_table: DynamoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (f"bert {at}" for at in count())

    def overwrite(**_: object) -> None:
        put_artifact(legacy_table, MODEL, "3", next(names))

    event = "before-send.dynamodb.TransactWriteItems"
    with monkeypatch.context() as patch:
        patch.setattr(handlers, "BUILTIN_HANDLERS", [(event, overwrite), *BUILT_IN_HANDLERS])
        during_writes = CliRunner().invoke(app, ["migrate"])
    afterwards = CliRunner().invoke(app, ["migrate"])

    exit_code, lines = during_writes.exit_code, during_writes.stdout.splitlines()
    assert (exit_code, lines[2]) == (1, "artifacts migrated: 2")
    assert during_writes.stderr.endswith("written meanwhile and left: 1; run it again\n")
    exit_code, lines = afterwards.exit_code, afterwards.stdout.splitlines()
    assert (exit_code, lines[2]) == (0, "artifacts migrated: 1")
