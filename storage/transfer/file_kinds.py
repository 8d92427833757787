"""Opens files of NDJSON, and refuses those that are something else as a whole."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from storage.errors import StoreSetupError
from storage.transfer.importing import read_lines
from storage.transfer.output_files import errors_of_file

_KINDS = {
    b"\x1f\x8b": "compressed with gzip; decompress it first",
    b"\x28\xb5\x2f\xfd": "compressed with zstd; decompress it first",
    b"PK\x03\x04": "a zip file; unpack it first",
    b"SQLite format 3\0": (
        "a SQLite database; open it with SQLITE_PATH, and `python -m storage export` it"
    ),
    b"\xff\xfe": "text in UTF-16; convert it to UTF-8 first",
    b"\xfe\xff": "text in UTF-16; convert it to UTF-8 first",
    b"{\0": "text in UTF-16; convert it to UTF-8 first",
    b"\0{": "text in UTF-16; convert it to UTF-8 first",
}
"""How files begin that are something else."""


def open_lines(file: BinaryIO) -> Iterator[bytes]:
    """Return the lines of a file, of which the first one is read already.

    Raises:
        StoreSetupError: if the file is not NDJSON.
        OSError: if it cannot be read.
    """
    lines = _read(file)
    first = next(lines, b"")
    for start, kind in _KINDS.items():
        if first.startswith(start):
            raise StoreSetupError(f"{_name(file)} is {kind}")
    return chain([first] if first else [], lines)


def _read(file: BinaryIO) -> Iterator[bytes]:
    with errors_of_file(_name(file)):
        yield from read_lines(file)


def _name(file: BinaryIO) -> str:
    name = getattr(file, "name", None)
    return name if isinstance(name, str) else "stdin"  # it is a number if stdin was closed


def count_bytes(lines: Iterable[bytes], advance: Callable[[int], None]) -> Iterator[bytes]:
    """Yield lines, and report the size of each once it is used."""
    for line in lines:
        yield line
        advance(len(line))
