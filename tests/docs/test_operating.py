"""The table of exit codes names every command."""

from typer import Typer

from graph.cli import app as server
from storage.cli import app as store
from tests.docs.blocks import read_table

PAGE = "docs/operating.md"


def command_names(app: Typer) -> list[str]:
    callbacks = [(each.name, each.callback) for each in app.registered_commands]
    return [name or callback.__name__ for name, callback in callbacks if callback]


def test_every_command_has_its_exit_codes() -> None:
    expected = {
        "`python -m graph`",
        *(f"`python -m graph {name}`" for name in command_names(server)),
        *(f"`python -m storage {name}`" for name in command_names(store)),
    }

    documented = read_table(PAGE, "Exit codes")

    assert documented.keys() == expected
    assert {len(codes) for codes in documented.values()} == {3}
