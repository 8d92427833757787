"""The commands of docs/migrating.md, on a table of the earlier backend."""

import re
from itertools import count

import pytest
from botocore import handlers
from typer.testing import CliRunner, Result

from storage.cli import app
from storage.dynamodb.store import DynamoStore
from tests.docs.blocks import read_blocks
from tests.storage.dynamodb.legacy.legacy_backend import bare_table, put
from tests.storage.engines import REGION
from tests.storage.samples import DATASET, MODEL

TAKEN = "https://example.org/dataset/taken"
DUPLICATE = f"url#dataset#{TAKEN} is the url of 2 artifacts: 1, 2"
NOTHING_DONE = [
    "indexes added: none",
    "artifacts migrated: 0",
    "items repaired: 0",
    "undecided: 1",
    f"  {DUPLICATE}",
]
BUILT_IN: list[tuple[object, ...]] = handlers.BUILTIN_HANDLERS
"""What botocore's clients tell of each call."""
COMMANDS = [
    block.text.split("python -m storage ")[1].split()
    for block in read_blocks("docs/migrating.md")
    if (block.language, block.label) == ("sh", "table")
]


@pytest.fixture(autouse=True)
def earlier(dynamo: DynamoStore, monkeypatch: pytest.MonkeyPatch) -> DynamoStore:
    """A table of the earlier backend, which the environment names."""
    monkeypatch.setenv("STORE", "dynamodb")
    monkeypatch.setenv("DDB_TABLE_NAME", dynamo.name)
    monkeypatch.setenv("AWS_REGION", REGION)
    bare_table(dynamo)
    put(dynamo, DATASET, "1", "Squad", url=TAKEN)
    put(dynamo, DATASET, "2", "squad", url=TAKEN)
    put(dynamo, MODEL, "3", "bert", dataset_name={"S": "SQUAD"})
    return dynamo


@pytest.fixture
def results() -> dict[str, Result]:
    """What each command of the page came to, one after the other, and the second again."""
    named = {" ".join(command): command for command in COMMANDS}
    done = {name: CliRunner().invoke(app, command) for name, command in named.items()}
    return {**done, "again": CliRunner().invoke(app, named["migrate"])}


def test_the_commands_of_the_page_say_what_they_would_do_did_and_left(
    results: dict[str, Result],
) -> None:
    indexes = "by_name, by_creation, by_bearing, by_reference"
    assert {name: (of.exit_code, of.stdout.splitlines()) for name, of in results.items()} == {
        "migrate --dry-run": (
            0,
            [
                f"indexes would be added: {indexes}",
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
                "artifacts migrated: 3",
                "items repaired: 0",
                "undecided: 1",
                f"  {DUPLICATE}",
                "not finished: stop the earlier backend and run it without --early",
            ],
        ),
        "migrate": (0, NOTHING_DONE),
        "check": (1, [DUPLICATE]),
        "again": (0, NOTHING_DONE),
    }


def test_what_is_being_done_is_told_where_there_is_no_terminal(
    results: dict[str, Result],
) -> None:
    told = re.findall(
        r"^(\w+): [\d,]+ of [\d,]+", results["migrate --early"].stderr, re.MULTILINE
    )

    assert list(dict.fromkeys(told)) == ["indexes", "reading", "artifacts"]


def test_what_is_written_before_each_write_of_ours_is_left_to_another_run(
    earlier: DynamoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (f"bert {at}" for at in count())

    def meanwhile(**_: object) -> None:
        put(earlier, MODEL, "3", next(names))

    event = "before-send.dynamodb.TransactWriteItems"
    with monkeypatch.context() as patch:
        patch.setattr(handlers, "BUILTIN_HANDLERS", [(event, meanwhile), *BUILT_IN])
        busy = CliRunner().invoke(app, ["migrate"])
    quiet = CliRunner().invoke(app, ["migrate"])

    assert (busy.exit_code, busy.stdout.splitlines()[1]) == (1, "artifacts migrated: 2")
    assert busy.stderr.endswith("written meanwhile and left: 1; run it again\n")
    assert (quiet.exit_code, quiet.stdout.splitlines()[1]) == (0, "artifacts migrated: 1")
