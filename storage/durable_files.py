"""Gives files their names once they are complete and on the disk, over nothing that exists."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex


@contextmanager
def new_name(file: Path) -> Iterator[Path]:
    """Yield a new name beside a file, and remove what still has it at the end.

    Errors name the file itself.
    """
    partial = file.with_name(f"{file.name}.{token_hex(4)}.partial")
    try:
        yield partial
    except OSError as error:
        if str(partial) in (error.filename, error.filename2):
            raise OSError(error.errno, error.strerror, str(file)) from None
        raise
    finally:
        partial.unlink(missing_ok=True)


def publish(partial: Path, file: Path, *, force: bool = False) -> None:
    """Give a complete file its name, so that it keeps it after a loss of power.

    Raises:
        FileExistsError: if there is a file of the name, unless it may be replaced.
    """
    if force:
        with suppress(FileNotFoundError):
            partial.chmod(file.stat().st_mode & 0o777)
        partial.replace(file)
    else:
        _rename_to_new(partial, file)
    _sync_directory(file.parent)


def publish_unused(partial: Path, file: Path) -> Path:
    """Give a file the name, or the first of `name-2`, `name-3` and so on that is new."""
    candidate, number = file, 1
    while True:
        with suppress(FileExistsError):
            publish(partial, candidate)
            return candidate
        number += 1
        candidate = file.with_name(f"{file.name}-{number}")


def _rename_to_new(partial: Path, file: Path) -> None:
    try:
        file.hardlink_to(partial)
    except FileExistsError:
        raise
    except OSError:  # the file system has no links
        if os.path.lexists(file):
            message = os.strerror(errno.EEXIST)
            raise FileExistsError(errno.EEXIST, message, str(file)) from None
        partial.rename(file)
    else:
        partial.unlink()


def _sync_directory(directory: Path) -> None:
    """Write the names in a directory to the disk, where the system can."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
