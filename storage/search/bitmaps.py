"""Sets of rows as bitmaps: an integer for each chunk, with a bit for each of its rows."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import compress
from typing import TypeAlias

from storage.search.chunk_versions import CHUNK

Bitmap: TypeAlias = Mapping[int, int]
"""The bits of each chunk that has any, by the number of the chunk."""
_ZERO, _ONE = b"01"
_TO_FLAGS = bytes.maketrans(b"01", b"\0\1")


def to_bits(positions: Iterable[int]) -> int:
    """Return the set of these positions in a chunk."""
    digits = bytearray((_ZERO,)) * CHUNK
    for at in positions:
        digits[-1 - at] = _ONE
    return int(digits, 2)


def from_rows(rows: Collection[int]) -> dict[int, int]:
    """Return the set of these rows."""
    chunks = max(rows, default=-1) // CHUNK + 1
    one, digits = _ONE, bytearray((_ZERO,)) * (chunks * CHUNK)
    for row in rows:
        digits[row] = one
    digits.reverse()
    parts = (digits[at * CHUNK : (at + 1) * CHUNK] for at in range(chunks))
    found = zip(range(chunks)[::-1], (int(part, 2) for part in parts), strict=True)
    return {chunk: bits for chunk, bits in found if bits}


def to_rows(bitmap: Bitmap) -> Iterator[int]:
    """Yield the rows of a set in their order."""
    for chunk in sorted(bitmap):
        yield from compress(range(chunk * CHUNK, (chunk + 1) * CHUNK), to_flags(bitmap[chunk]))


def to_flags(bits: int) -> bytes:
    """Return a byte for each row of a chunk, 1 for those in the set."""
    return f"{bits:0{CHUNK}b}".encode().translate(_TO_FLAGS)[::-1]


def to_bytes(bitmap: Bitmap) -> bytes:
    """Return a byte for each row from 1 on, 1 for those in the set."""
    chunks = range(max(bitmap, default=-1) + 1)
    return b"".join(to_flags(bitmap.get(chunk, 0)) for chunk in chunks)[1:]


def count(bitmap: Bitmap) -> int:
    """Return the number of rows in a set."""
    return sum(bits.bit_count() for bits in bitmap.values())


def intersect(one: Bitmap, other: Bitmap) -> dict[int, int]:
    """Return the rows that are in both sets."""
    both = {chunk: bits & other.get(chunk, 0) for chunk, bits in one.items()}
    return {chunk: bits for chunk, bits in both.items() if bits}


def subtract(one: Bitmap, other: Bitmap) -> dict[int, int]:
    """Return the rows of the first set that are not in the other."""
    left = {chunk: bits & ~other.get(chunk, 0) for chunk, bits in one.items()}
    return {chunk: bits for chunk, bits in left.items() if bits}


def unite(one: Bitmap, other: Bitmap) -> dict[int, int]:
    """Return the rows that are in either set."""
    chunks = one.keys() | other.keys()
    return {chunk: one.get(chunk, 0) | other.get(chunk, 0) for chunk in chunks}
