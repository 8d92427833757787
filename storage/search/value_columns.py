"""Keeps in memory which values the rows have in a field, to filter and count without SQL.

The rows of a chunk are read again only after its version changed. A value of many rows in the
chunk is a bitmap; the others are pairs with their rows. With 100,000 rows and 200,000 tags, of
which there are 20, the tags take 0.3 MB; if hardly two are the same, 1.2 MB and their texts.
"""

import sqlite3
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from threading import Lock
from typing import NamedTuple, TypeAlias

import orjson

from storage.search.bitmaps import Bitmap, to_bits, to_flags
from storage.search.chunk_versions import CHUNK, read_versions

Group: TypeAlias = tuple[str, str, int]
"""A normalised value, one of its spellings, and the number of artifacts that have it so."""

_BITMAP_BYTES, _PAIR_BYTES = 700, 6


class Limits(NamedTuple):
    """Limits of what is kept and read; no result depends on them."""

    many: int = 64
    """The values of so many rows of a chunk are bitmaps."""
    chunks: int = 8
    """So many are read at a time, in 50 ms; until all are in memory, SQL answers."""
    values: int = 20_000
    """If a field had more different values, it is not kept until the process ends. Their texts
    take 2 KB each at the most."""
    bytes: int = 32 << 20
    """Likewise, if the numbers of the values of all rows would take more."""


class Source(NamedTuple):
    """The columns with the values of a field."""

    table: str
    normalized: str
    spelled: str

    @property
    def select(self) -> str:
        """Statement for the values in a range of rows, with the rows of each as JSON."""
        return f"""
        SELECT {self.normalized}, {self.spelled}, json_group_array(row)
          FROM {self.table} NOT INDEXED
         WHERE row >= ? AND row < ? AND {self.normalized} IS NOT NULL GROUP BY 1, 2
        """  # noqa: S608 - constants


TYPES = Source("search_artifact", "type", "type")
TAGS = Source("search_tag", "tag_normalized", "tag")
LICENSES = Source("search_artifact", "license_normalized", "license")
CREATORS = Source("search_artifact", "created_by_normalized", "created_by")
RATED = Source("search_artifact", "is_rated", "is_rated")


@dataclass(frozen=True, slots=True)
class _Chunk:
    """The values in a chunk, by their numbers."""

    version: int
    bitmaps: dict[int, int] = field(default_factory=dict)
    rare_rows: "array[int]" = field(default_factory=lambda: array("H"))
    """Positions in the chunk; `rare_values` has the value of each."""
    rare_values: "array[int]" = field(default_factory=lambda: array("I"))

    @property
    def size(self) -> int:
        """About the number of bytes that it takes."""
        return _BITMAP_BYTES * len(self.bitmaps) + _PAIR_BYTES * len(self.rare_rows)

    def add(self, value: int, rows: list[int], many: int) -> None:
        """Add a value with the rows that have it."""
        positions = [row % CHUNK for row in rows]
        if len(rows) >= many:
            self.bitmaps[value] = to_bits(positions)
        else:
            self.rare_rows.extend(positions)
            self.rare_values.extend([value] * len(positions))

    def find(self, values: Collection[int] | None) -> int:
        """Return the rows that have one of these values; None: any value."""
        found = 0
        for value, bits in self.bitmaps.items():
            if values is None or value in values:
                found |= bits
        if not self.rare_rows:
            return found
        rare: Iterable[int] = self.rare_rows
        if values is not None:
            rare = compress(rare, map(values.__contains__, self.rare_values))
        return found | to_bits(rare)

    def count_into(self, counts: Counter[int], bits: int) -> None:
        """Add the numbers of the rows in a set that have each value."""
        for value, having in self.bitmaps.items():
            counts[value] += (having & bits).bit_count()
        if self.rare_rows:
            flags = to_flags(bits)
            counts.update(compress(self.rare_values, map(flags.__getitem__, self.rare_rows)))


@dataclass(frozen=True, slots=True)
class Column:
    """The values of a field in all rows, in the state that one transaction sees."""

    chunks: dict[int, _Chunk]
    values: dict[tuple[str, str], int]
    """The numbers of the values: normalised and as spelled."""

    def without_stale(self, versions: Mapping[int, int]) -> "Column":
        """Return the column without the chunks that have other versions now.

        The values that only these had are kept, because their numbers may not be used again;
        without chunks there are none.
        """
        chunks = self.chunks.items()
        current = {at: each for at, each in chunks if each.version == versions.get(at)}
        if len(current) == len(self.chunks):
            return self
        return Column(current, self.values if current else {})

    def find(self, wanted: Collection[str] | None) -> Bitmap:
        """Return the rows that have one of these normalised values; None: any value."""
        numbers = None
        if wanted is not None:
            numbers = {n for (text, _), n in self.values.items() if text in wanted}
        return {at: bits for at, each in self.chunks.items() if (bits := each.find(numbers))}

    def count(self, rows: Bitmap) -> Iterator[Group]:
        """Yield the values that the rows in a set have, in order."""
        counts = Counter[int]()
        for at, bits in rows.items():
            if at in self.chunks:
                self.chunks[at].count_into(counts, bits)
        texts = {number: text for text, number in self.values.items()}
        yield from sorted((*texts[number], n) for number, n in counts.items() if n)


class ValueColumns:
    """The values of fields of one search index; any number of threads may share it."""

    def __init__(self, limits: Limits = Limits()) -> None:  # noqa: B008 - it is immutable
        self._limits = limits
        self._lock = Lock()
        self._columns: dict[Source, Column | None] = {}

    def read(self, db: sqlite3.Connection, source: Source) -> Column | None:
        """Return the values of a field; None if they are not, or not yet, in memory."""
        versions = read_versions(db)
        with self._lock:
            known = self._columns.get(source, Column({}, {}))
            if known is None:
                return None
            current = known.without_stale(versions)
            stale = sorted(versions.keys() - current.chunks)
            if stale:
                current = self._load(db, source, current, versions, stale)
            self._columns[source] = current if self._is_kept(current) else None
        return current if current.chunks.keys() == versions.keys() else None

    def _is_kept(self, column: Column) -> bool:
        size = sum(chunk.size for chunk in column.chunks.values())
        return len(column.values) <= self._limits.values and size <= self._limits.bytes

    def _load(
        self,
        db: sqlite3.Connection,
        source: Source,
        known: Column,
        versions: Mapping[int, int],
        stale: Sequence[int],
    ) -> Column:
        """Return the column with more chunks."""
        loaded = Column(dict(known.chunks), dict(known.values))
        for at in stale[: self._limits.chunks]:
            loaded.chunks[at] = self._read_chunk(db, source, at, versions[at], loaded.values)
            if not self._is_kept(loaded):
                break
        return loaded

    def _read_chunk(
        self,
        db: sqlite3.Connection,
        source: Source,
        at: int,
        version: int,
        values: dict[tuple[str, str], int],
    ) -> _Chunk:
        """Read the values in a chunk, and give numbers to those that have none."""
        chunk = _Chunk(version)
        bounds = at * CHUNK, (at + 1) * CHUNK
        for normalized, spelled, rows in db.execute(source.select, bounds):
            number = values.setdefault((str(normalized), str(spelled)), len(values))
            chunk.add(number, orjson.loads(rows), self._limits.many)
        return chunk
