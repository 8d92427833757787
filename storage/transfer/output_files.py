"""Refuses the files that a command must not replace: the store itself, and its own input."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

from storage.errors import StoreSetupError
from storage.settings import StoreSettings


def refuse_own_file(file: Path, settings: StoreSettings) -> None:
    """Check that a file to write is not the store's.

    Raises:
        StoreSetupError: if it is.
    """
    own = settings.sqlite_path.resolve()
    names = {own.with_name(own.name + suffix) for suffix in ("", "-wal", "-shm")}
    if settings.store == "sqlite" and file.resolve() in names:
        raise StoreSetupError(f"{file} belongs to the store itself; choose another name")


def open_rejects(
    rejects: Path | None, imported: str, settings: StoreSettings
) -> AbstractContextManager[BinaryIO | None]:
    """Open the file for rejected lines, if there is to be one.

    Raises:
        StoreSetupError: if it is the store's, or the file that is imported.
    """
    if rejects is None:
        return nullcontext()
    refuse_own_file(rejects, settings)
    if rejects.resolve() == Path(imported).resolve():
        raise StoreSetupError(f"{rejects} is the file to import; choose another name")
    return rejects.open("wb")
