"""The command line of the store: create, import, export, retention, check, reindex, migrate."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from storage.artifacts.writes import OnConflict
from storage.command_output import print_migration, print_summary, quantity
from storage.errors import SearchIndexError, StoreSetupError, StoreUnavailableError
from storage.opening import abandon_migration, create_store, migrate_store, open_store
from storage.progress import show_bytes_read, show_stages
from storage.settings import StoreSettings, load_settings
from storage.store import Store
from storage.transfer.export import export_lines, write_lines
from storage.transfer.importing import Summary, import_lines, read_lines
from storage.transfer.output_files import open_rejects, refuse_own_file
from storage.transfer.reject_report import RejectReport
from storage.version import VersionOption

_INTERRUPTED = 130
"""The exit code of shells for a command that Ctrl-C ended."""
_MAX_DAYS = 36_500

app = typer.Typer(
    help="Create, fill, back up, check and migrate the store of the registry.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def main(*, version: VersionOption = False) -> None:
    """Take the options that come before a command."""


@app.command()
def create() -> None:
    """Create the table or the file, if there is none."""
    with _plain_failures():
        typer.echo(create_store(load_settings(StoreSettings)))


@app.command("import")
def import_(
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="NDJSON; - is stdin")],
    on_conflict: Annotated[
        OnConflict,
        typer.Option(help="What to do if the type and url are taken"),
    ] = OnConflict.REJECT,
    rejects: Annotated[
        Path | None, typer.Option(help="Write the rejected lines to this file")
    ] = None,
) -> None:
    """Register one artifact per line of a file; exit with 1 if lines are rejected."""
    summary = Summary()
    with (
        _plain_failures(lambda: f"; registered {summary.registered} before"),
        _store() as store,
        open_rejects(rejects, file.name, load_settings(StoreSettings)) as rejected_lines,
        show_bytes_read(file.name) as advance,
    ):
        lines = _counted(read_lines(file), advance)
        report = RejectReport(partial(typer.echo, err=True), rejected_lines)
        import_lines(store, lines, on_conflict, report.add, summary=summary)
        report.finish()
    print_summary(summary)
    if summary.rejected:
        raise typer.Exit(1)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="File to write; - is stdout")],
    *,
    history: Annotated[
        bool, typer.Option(help="Write changes and deleted artifacts, too")
    ] = True,
) -> None:
    """Write all artifacts as NDJSON that imports as the same artifacts.

    If some cannot be read, the others are written to FILE.incomplete, and the exit code is 1.
    """
    left_out: list[str] = []
    with _plain_failures(), _existing_store() as store:
        refuse_own_file(file, load_settings(StoreSettings))
        lines = export_lines(
            store, lambda error: left_out.append(str(error)), with_history=history
        )
        count = write_lines(file, lines, is_complete=lambda: not left_out)
    typer.echo(f"exported {quantity(count, 'line')}", err=True)
    if left_out:
        typer.echo("\n".join(["incomplete:", *left_out]), err=True)
        raise typer.Exit(1)


@app.command()
def retention(
    days: Annotated[
        str | None, typer.Argument(help="Number of days, or forever", metavar="[DAYS|forever]")
    ] = None,
) -> None:
    """Set for how long changes and deleted artifacts are kept, or print it."""
    wanted = None if days is None else _parse_retention(days)
    with _plain_failures(), _existing_store() as store:
        if days is not None:
            with show_stages() as progress:
                store.set_retention(wanted, progress)
        kept = store.get_retention()
    typer.echo("forever" if kept is None else quantity(kept / timedelta(days=1), "day"))


def _parse_retention(text: str) -> timedelta | None:
    if text == "forever":
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MAX_DAYS):
        raise typer.BadParameter(f"must be a number of days up to {_MAX_DAYS:,}, or forever")
    return timedelta(days=int(text))


@app.command()
def check(
    *,
    repair: Annotated[
        bool, typer.Option(help="Repair what follows from the artifacts")
    ] = False,
) -> None:
    """Read the whole store and print its inconsistencies."""
    with _plain_failures(), _existing_store() as store:
        with show_stages() as progress:
            repaired = store.repair(progress) if repair else 0
        found = list(store.check())
    for each in found:
        typer.echo(f"{each.about} {each.message}")
    typer.echo(f"repaired {repaired}, inconsistencies {len(found)}", err=True)
    if found:
        raise typer.Exit(1)


@app.command()
def reindex() -> None:
    """Build the search index anew; servers go on with the old one meanwhile."""
    with _plain_failures(), _existing_store() as store, show_stages() as progress:
        count = store.reindex(progress)
    typer.echo(f"indexed {quantity(count, 'artifact')}")


@app.command()
def migrate(
    *,
    dry_run: Annotated[bool, typer.Option(help="Only say what would be done")] = False,
    early: Annotated[
        bool, typer.Option(help="Leave the table unfinished: the earlier backend still writes")
    ] = False,
    abandon: Annotated[
        bool, typer.Option(help="Mark the table as not migrated, to return to that backend")
    ] = False,
) -> None:
    """Migrate the table of the earlier backend, or of an older format, in place."""
    if abandon and (dry_run or early):
        raise typer.BadParameter("--abandon cannot be combined with --dry-run or --early")
    if abandon:
        _abandon_migration()
        return
    with _plain_failures(), show_stages() as progress:
        done = migrate_store(
            load_settings(StoreSettings), progress, dry_run=dry_run, early=early
        )
    print_migration(done, dry_run=dry_run)
    if done.left:
        raise typer.Exit(1)
    if early and not (dry_run or done.is_finished):
        typer.echo("not finished: stop the earlier backend and run it without --early")


def _abandon_migration() -> None:
    with _plain_failures():
        is_abandoned = abandon_migration(load_settings(StoreSettings))
    if not is_abandoned:
        typer.echo("the table is not marked as migrated", err=True)
        raise typer.Exit(1)
    typer.echo("the table is marked as not migrated; servers refuse to write to it")


def _counted(lines: Iterable[bytes], advance: Callable[[int], None]) -> Iterator[bytes]:
    for line in lines:
        yield line
        advance(len(line))


@contextmanager
def _store() -> Iterator[Store]:
    store = open_store(load_settings(StoreSettings))
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _existing_store() -> Iterator[Store]:
    """Open a store to read it all; a file that is missing is not created, but an error."""
    settings = load_settings(StoreSettings)
    if settings.store == "sqlite" and not settings.sqlite_path.exists():
        raise StoreSetupError(
            f"SQLITE_PATH: there is no file {settings.sqlite_path}; "
            "`python -m storage create` makes it"
        )
    with _store() as store:
        yield store


@contextmanager
def _plain_failures(done: Callable[[], str] = str) -> Iterator[None]:
    """Print errors as one line and exit: with 2 for wrong settings, with 1 for the store.

    `done` returns what the line is to say of the work that was done before.
    """
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(f"interrupted{done()}", err=True)
        raise typer.Exit(_INTERRUPTED) from None
    except StoreSetupError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    except SearchIndexError as error:
        typer.echo(f"{error}{done()}", err=True)
        raise typer.Exit(1) from None
    except StoreUnavailableError as error:
        typer.echo(f"the store failed: {error}{done()}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        typer.echo(f"{place}{error.strerror}{done()}", err=True)
        raise typer.Exit(1) from None
