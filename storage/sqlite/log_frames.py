"""Reads SQLite's write-ahead logs: https://sqlite.org/fileformat2.html#the_write_ahead_log."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Self

_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24
_MAGIC = 0x377F0682
"""The last bit tells in which order the bytes of the sums are: 1 is the big end first."""
_MASK = 0xFFFF_FFFF
_PAGE_SIZES = {1 << power for power in range(9, 17)}


@dataclass(frozen=True, slots=True)
class LogHeader:
    """The first bytes of a log, which change whenever it is started over."""

    text: bytes
    page_size: int
    byte_order: str

    @classmethod
    def read(cls, log: BinaryIO) -> Self | None:
        """Return the header; None if SQLite would take the log as empty."""
        log.seek(0)
        text = log.read(_HEADER_BYTES)
        if len(text) < _HEADER_BYTES:
            return None
        magic, _, page_size = struct.unpack_from(">3I", text)
        header = cls(text, page_size, ">" if magic & 1 else "<")
        is_valid = magic & ~1 == _MAGIC and page_size in _PAGE_SIZES
        return header if is_valid and header.sums == header.add((0, 0), text[:24]) else None

    @property
    def sums(self) -> tuple[int, int]:
        """The sums with which those of the frames begin."""
        return struct.unpack_from(">2I", self.text, 24)

    def add(self, sums: tuple[int, int], content: bytes) -> tuple[int, int]:
        """Return the sums with those of more content."""
        first, second = sums
        words = iter(struct.unpack(f"{self.byte_order}{len(content) // 4}I", content))
        for one, other in zip(words, words, strict=True):
            first = (first + one + second) & _MASK
            second = (second + other + first) & _MASK
        return first, second


@dataclass(frozen=True, slots=True)
class Frame:
    """A page in a log, as it was written once."""

    header: bytes
    page: bytes

    @property
    def sums(self) -> tuple[int, int]:
        """The sums of the log up to here; if they are others, the frame is incomplete."""
        return struct.unpack_from(">2I", self.header, 16)


def read_frames(log: BinaryIO, header: LogHeader) -> Iterator[Frame]:
    """Yield the frames since the log was started over; the last ones may be incomplete."""
    log.seek(_HEADER_BYTES)
    salts = header.text[16:24]
    while True:
        frame = Frame(log.read(_FRAME_HEADER_BYTES), log.read(header.page_size))
        if len(frame.page) < header.page_size or frame.header[8:16] != salts:
            return
        yield frame
