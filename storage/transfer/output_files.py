"""Writes the files of commands: completely or not at all, and over nothing that exists."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import BinaryIO

from storage.durable_files import new_name, publish, publish_unused
from storage.errors import StoreSetupError
from storage.settings import StoreSettings

STDOUT = Path("-")
REPLACE_ADVICE = "choose another name, or replace it with --force"


def refuse_own_file(file: Path, settings: StoreSettings) -> None:
    """Check that a file to write is not the store's.

    Raises:
        StoreSetupError: if it is.
    """
    own = settings.sqlite_path.resolve()
    names = {own.with_name(own.name + suffix) for suffix in ("", "-wal", "-shm")}
    if settings.store == "sqlite" and file.resolve() in names:
        raise StoreSetupError(f"{file} belongs to the store itself; choose another name")


def refuse_taken(file: Path, advice: str = "choose another name") -> None:
    """Check that a file can get a name; a device or a pipe can be written to as it is.

    Raises:
        StoreSetupError: if there is a file of the name, or no directory for it.
    """
    if file.is_dir():
        raise StoreSetupError(f"{file} is a directory; add the name of a file")
    if file.is_file():
        raise StoreSetupError(f"{file} exists already, and was not changed; {advice}")
    if not file.parent.is_dir():
        raise StoreSetupError(f"{file} cannot be written: its directory does not exist")


def open_rejects(
    rejects: Path | None, imported: str, settings: StoreSettings
) -> AbstractContextManager[BinaryIO | None]:
    """Open a new file for rejected lines, if there is to be one.

    Raises:
        StoreSetupError: if it is the store's, or exists already.
    """
    if rejects is None:
        return nullcontext()
    refuse_own_file(rejects, settings)
    if rejects.resolve() == Path(imported).resolve():
        raise StoreSetupError(f"{rejects} is the file to import; choose another name")
    refuse_taken(rejects)
    return _open_named(rejects)


@contextmanager
def _open_named(file: Path) -> Iterator[BinaryIO]:
    out = file.open("wb")
    try:
        yield out
    except BaseException:
        with suppress(OSError):  # the first error is the one to report
            out.close()
        raise
    with errors_of_file(str(file)):
        out.close()


def write_lines(
    file: Path, lines: Iterable[bytes], is_complete: Callable[[], bool], *, force: bool
) -> Path:
    """Write lines to a file, to a device or pipe, or to stdout, and return its name.

    A file gets its name only once it is complete and on the disk. If it never is, it is called
    `.incomplete`. The target of a link is written instead of the link.

    Raises:
        FileExistsError: if another file got the name meanwhile, unless it may be replaced.
    """
    if file == STDOUT:
        with errors_of_file("stdout"):
            sys.stdout.buffer.writelines(lines)
            sys.stdout.buffer.flush()
        return file
    file = file.resolve()
    with errors_of_file(str(file)):
        return _write_file(file, lines, is_complete, force=force)


@contextmanager
def errors_of_file(file: str) -> Iterator[None]:
    """Let an error of a file, such as a full disk, tell which one it is."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            raise OSError(error.errno, error.strerror, file) from None
        raise


def _write_file(
    file: Path, lines: Iterable[bytes], is_complete: Callable[[], bool], *, force: bool
) -> Path:
    if file.exists() and not file.is_file():
        with file.open("wb") as device:
            device.writelines(lines)
        return file
    with new_name(file) as partial:
        with partial.open("xb") as out:
            out.writelines(lines)
            out.flush()
            os.fsync(out.fileno())
        if not is_complete():
            return publish_unused(partial, file.with_name(f"{file.name}.incomplete"))
        publish(partial, file, force=force)
    return file
