"""The command line of the store: create, import, export, backup, check and others."""

from collections import Counter
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from storage.artifacts.writes import OnConflict
from storage.command_output import print_summary, quantity
from storage.command_stores import FAILED, existing_store, plain_failures, store_to_fill
from storage.format_commands import (
    ExportFormat,
    ImportFormat,
    check_card_options,
    check_ndjson_options,
    export_ml_bom,
    get_only_file,
    import_model_cards,
)
from storage.migration_command import migrate
from storage.opening import (
    back_up_store,
    create_store,
    describe_store,
    find_new_file,
)
from storage.progress import show_bytes_read, show_stages
from storage.settings import StoreSettings, load_settings
from storage.transfer.export import export_lines
from storage.transfer.file_kinds import count_bytes, open_lines
from storage.transfer.importing import Summary, import_lines
from storage.transfer.line_counts import count_lines, describe_counts
from storage.transfer.output_files import (
    REPLACE_ADVICE,
    STDOUT,
    open_rejects,
    refuse_own_file,
    refuse_taken,
    write_lines,
)
from storage.transfer.reject_report import RejectReport
from storage.version import VersionOption

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
    with plain_failures():
        result = create_store(load_settings(StoreSettings))
    typer.echo(result)


@app.command("import")
def import_(
    files: Annotated[
        list[typer.FileBinaryRead],
        typer.Argument(help="One file of NDJSON, or any number of cards; - is stdin"),
    ],
    *,
    on_conflict: Annotated[
        OnConflict,
        typer.Option(help="What to do if the type and url are taken"),
    ] = OnConflict.REJECT,
    rejects: Annotated[
        Path | None, typer.Option(help="Write the rejected lines to this new file")
    ] = None,
    allow_rejects: Annotated[
        bool, typer.Option("--allow-rejects", help="Exit with 0 even if some are rejected")
    ] = False,
    format_: Annotated[
        ImportFormat,
        typer.Option("--format", help="model-card: README.md files of Hugging Face"),
    ] = ImportFormat.NDJSON,
    repo: Annotated[
        str | None,
        typer.Option(help="Repository of a card; by default the folders of its path"),
    ] = None,
) -> None:
    """Register one artifact per line of a file, or per card; exit with 1 if any is rejected."""
    summary = Summary()
    if format_ is ImportFormat.MODEL_CARD:
        check_card_options(files, repo, rejects)
        done = partial("; registered {0.registered} before".format, summary)
        with plain_failures(done), store_to_fill() as store:
            import_model_cards(store, files, repo, on_conflict, summary)
        if summary.rejected and not allow_rejects:
            raise typer.Exit(FAILED)
        return
    file = get_only_file(files, repo)
    with plain_failures():
        lines = open_lines(file)
        new_file = find_new_file(load_settings(StoreSettings))
    with (
        plain_failures(lambda: f"; registered {summary.registered} before"),
        store_to_fill() as store,
        open_rejects(rejects, file.name, load_settings(StoreSettings)) as rejected_lines,
        show_bytes_read(file.name) as advance,
    ):
        report = RejectReport(partial(typer.echo, err=True), rejected_lines)
        import_lines(
            store, count_bytes(lines, advance), on_conflict, report.add, summary=summary
        )
        report.finish()
    print_summary(summary)
    if new_file:
        typer.echo(f"created the file {new_file}")
    if summary.is_empty:
        typer.echo(f"{file.name} has no artifacts", err=True)
    if summary.rejected and not allow_rejects:
        raise typer.Exit(FAILED)


@app.command()
def export(
    file: Annotated[
        Path | None,
        typer.Argument(help="New file to write; - is stdout", show_default=False),
    ] = None,
    *,
    history: Annotated[
        bool, typer.Option(help="Write changes and deleted artifacts, too")
    ] = True,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists")] = False,
    format_: Annotated[
        ExportFormat,
        typer.Option("--format", help="ndjson: everything; cyclonedx: a model's ML-BOM"),
    ] = ExportFormat.NDJSON,
    model: Annotated[
        str | None, typer.Option(help="URL of the model, for --format cyclonedx")
    ] = None,
) -> None:
    """Write all artifacts as NDJSON that imports as the same artifacts.

    If some cannot be decoded, the others are written to FILE.incomplete; the exit code is 1.
    A file with damaged pages is not exported: restore a backup.
    With --format cyclonedx, write the ML-BOM of one model; FILE is then stdout by default.
    """
    if format_ is ExportFormat.CYCLONEDX:
        with plain_failures(), existing_store() as store:
            export_ml_bom(store, file or STDOUT, model, force=force)
        return
    file = check_ndjson_options(file, model)
    left_out: list[str] = []
    counts: Counter[str] = Counter()
    with plain_failures():
        settings = load_settings(StoreSettings)
        refuse_own_file(file, settings)
        if file != STDOUT and not force:
            refuse_taken(file, REPLACE_ADVICE)
        with existing_store() as store:
            lines = count_lines(
                export_lines(store, lambda e: left_out.append(str(e)), with_history=history),
                counts,
            )
            written = write_lines(file, lines, lambda: not left_out, force=force)
        source = describe_store(settings)
    target = "" if file == STDOUT else f" to {written}"
    typer.echo(f"exported {describe_counts(counts)} from {source}{target}", err=True)
    if left_out:
        typer.echo("\n".join(["incomplete:", *dict.fromkeys(left_out)]), err=True)
        raise typer.Exit(FAILED)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="New file to write")],
) -> None:
    """Copy the SQLite file to a new one while servers use it."""
    with plain_failures():
        settings = load_settings(StoreSettings)
        if file == STDOUT:
            raise typer.BadParameter("a backup needs the name of a file")
        refuse_taken(file)
        back_up_store(settings, file)
        source = describe_store(settings)
    typer.echo(f"copied {source} to {file.resolve()}")


@app.command()
def retention(
    days: Annotated[
        str | None, typer.Argument(help="Number of days, or forever", metavar="[DAYS|forever]")
    ] = None,
) -> None:
    """Set for how long changes and deleted artifacts are kept, or print it."""
    wanted = None if days is None else _parse_retention(days)
    with plain_failures(), existing_store() as store:
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
    with plain_failures(), existing_store() as store:
        with show_stages() as progress:
            repaired = store.repair(progress) if repair else 0
        found = 0
        for each in store.check():
            found += 1
            typer.echo(f"{each.about} {each.message}")
    done = f"repaired {repaired}, " if repair else ""
    source = describe_store(load_settings(StoreSettings))
    typer.echo(f"{done}inconsistencies {found} in {source}", err=True)
    if found:
        raise typer.Exit(FAILED)


@app.command()
def reindex() -> None:
    """Build the search index anew; servers go on with the old one meanwhile."""
    with plain_failures(), existing_store() as store, show_stages() as progress:
        count = store.reindex(progress)
    typer.echo(f"indexed {quantity(count, 'artifact')}")


app.command()(migrate)
