"""Formats of the commands `import` and `export` besides NDJSON."""

from collections.abc import Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from typing import BinaryIO

import typer

from storage.artifacts.writes import OnConflict
from storage.command_output import print_summary
from storage.command_stores import FAILED
from storage.settings import StoreSettings, load_settings
from storage.store import Store
from storage.transfer.card_import import import_cards
from storage.transfer.cyclonedx import write_ml_bom
from storage.transfer.importing import Summary
from storage.transfer.output_files import (
    REPLACE_ADVICE,
    STDOUT,
    refuse_own_file,
    refuse_taken,
    write_lines,
)
from storage.transfer.upstream import read_upstream


class ImportFormat(Enum):
    """The format of files to import."""

    NDJSON = "ndjson"
    MODEL_CARD = "model-card"


class ExportFormat(Enum):
    """The format of an export."""

    NDJSON = "ndjson"
    CYCLONEDX = "cyclonedx"


def get_only_file(files: Sequence[BinaryIO], repo: str | None) -> BinaryIO:
    """Return the file of NDJSON to import.

    Raises:
        BadParameter: There are several, or an option of model cards is used.
    """
    if len(files) > 1 or repo is not None:
        option = "--repo" if repo is not None else "several files"
        raise typer.BadParameter(f"{option} can be used with --format model-card only")
    return files[0]


def check_card_options(
    files: Sequence[BinaryIO], repo: str | None, rejects: Path | None
) -> None:
    """Check the options of an import of model cards.

    Raises:
        BadParameter: They contradict one another.
    """
    if rejects is not None:
        raise typer.BadParameter("--rejects cannot be used with --format model-card")
    if repo is not None and len(files) > 1:
        raise typer.BadParameter("--repo can be used with one file only")


def import_model_cards(
    store: Store,
    files: Sequence[BinaryIO],
    repo: str | None,
    on_conflict: OnConflict,
    summary: Summary,
) -> None:
    """Register the models of cards, and print what was not imported."""
    show = partial(typer.echo, err=True)
    import_cards(store, files, repo, on_conflict, show, summary=summary)
    print_summary(summary)


def check_ndjson_options(file: Path | None, model: str | None) -> Path:
    """Return the file for an export as NDJSON.

    Raises:
        BadParameter: There is none, or an option of another format is used.
    """
    if file is None:
        raise typer.BadParameter("needs a FILE; - is stdout")
    if model is not None:
        raise typer.BadParameter("--model can be used with --format cyclonedx only")
    return file


def export_ml_bom(store: Store, file: Path, url: str | None, *, force: bool) -> None:
    """Write the ML-BOM of a model, and print what is missing in it.

    Exit with 1 if artifacts were left out; the file is then called FILE.incomplete.
    """
    if url is None:
        raise typer.BadParameter("--format cyclonedx needs --model URL")
    refuse_own_file(file, load_settings(StoreSettings))
    if file != STDOUT and not force:
        refuse_taken(file, REPLACE_ADVICE)
    upstream = read_upstream(store, url)
    bom = write_ml_bom(upstream)
    write_lines(file, [f"{bom.text}\n".encode()], lambda: upstream.is_complete, force=force)
    for each in bom.missing:
        typer.echo(f"missing: {each}", err=True)
    if not upstream.is_complete:
        raise typer.Exit(FAILED)
