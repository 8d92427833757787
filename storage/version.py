"""The version of the installed registry, and the option of both commands that prints it."""

from importlib.metadata import version
from typing import Annotated

import typer

_DISTRIBUTION = "artifact-registry"
VERSION = version(_DISTRIBUTION)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"{_DISTRIBUTION} {VERSION}")
        raise typer.Exit


VersionOption = Annotated[
    bool,
    typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version"),
]
