"""Counts the lines of an export by what they describe."""

from collections import Counter
from collections.abc import Iterable, Iterator

_CHANGE, _DELETED = b'{"type":"change"', b'{"type":"deleted"'
"""The beginnings of exported lines; all others are artifacts."""
_NOUNS = {"artifact": "artifact", "deleted": "deleted artifact", "change": "change"}


def count_lines(lines: Iterable[bytes], counts: Counter[str]) -> Iterator[bytes]:
    """Yield lines, and count them in `counts`."""
    for line in lines:
        is_change, is_deleted = line.startswith(_CHANGE), line.startswith(_DELETED)
        counts["change" if is_change else "deleted" if is_deleted else "artifact"] += 1
        yield line


def describe_counts(counts: Counter[str]) -> str:
    """Return in words how many there are; of artifacts also that there are none."""
    parts = [
        f"{counts[kind]:,} {noun}{'' if counts[kind] == 1 else 's'}"
        for kind, noun in _NOUNS.items()
        if counts[kind] or kind == "artifact"
    ]
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
