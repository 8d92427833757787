"""The command that migrates a table in place, or undoes what marks it as migrated."""

from typing import Annotated

import typer

from storage.command_output import print_migration
from storage.command_stores import FAILED, plain_failures
from storage.dynamodb.schema.throughput import IndexUnits
from storage.opening import abandon_migration, migrate_store
from storage.progress import show_stages
from storage.settings import StoreSettings, load_settings

_UNITS_HELP = "capacity of each added index of a provisioned table [default: the table's]"


def migrate(
    *,
    dry_run: Annotated[bool, typer.Option(help="Only say what would be done")] = False,
    early: Annotated[
        bool, typer.Option(help="Leave the table unfinished: the earlier backend still writes")
    ] = False,
    abandon: Annotated[
        bool, typer.Option(help="Mark the table as not migrated, to return to that backend")
    ] = False,
    index_read_units: Annotated[
        int | None, typer.Option(min=1, help=f"Read {_UNITS_HELP}")
    ] = None,
    index_write_units: Annotated[
        int | None, typer.Option(min=1, help=f"Write {_UNITS_HELP}")
    ] = None,
) -> None:
    """Migrate the table of the earlier backend, or of an older format, in place."""
    units = IndexUnits(index_read_units, index_write_units)
    if abandon and (dry_run or early or units != IndexUnits()):
        raise typer.BadParameter("--abandon cannot be combined with other options")
    if abandon:
        _abandon_migration()
        return
    with plain_failures(), show_stages() as progress:
        done = migrate_store(
            load_settings(StoreSettings), progress, dry_run=dry_run, early=early, units=units
        )
    print_migration(done, dry_run=dry_run)
    if done.left:
        raise typer.Exit(FAILED)
    if early and not (dry_run or done.is_finished):
        typer.echo("not finished: stop the earlier backend and run it without --early")


def _abandon_migration() -> None:
    with plain_failures():
        is_abandoned = abandon_migration(load_settings(StoreSettings))
    if not is_abandoned:
        typer.echo("the table is not marked as migrated", err=True)
        raise typer.Exit(FAILED)
    typer.echo("the table is marked as not migrated; servers refuse to write to it")
