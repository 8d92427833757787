"""The contents of a folder, to compare them before and after."""

from pathlib import Path


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return the bytes and the time of the last change of each file, by name.

    Of a -shm only the name counts: it is memory that processes share, not data.
    """
    return {
        path.name: (b"", 0)
        if path.name.endswith("-shm")
        else (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.iterdir()
    }
