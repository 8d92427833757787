"""The fenced blocks and tables of the README and of docs/, and how answers are compared."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))]

_FENCED = re.compile(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
_PASSING = re.compile(f"{_ID}|{_TIME}")
_CURSORS = {"cursor", "endCursor", "startCursor"}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, what stands behind that, and what is in it."""

    language: str
    more: str
    text: str


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in their order."""
    found = _FENCED.findall((ROOT / page).read_text())
    return [Block(*parts) for parts in found]


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """The rows of the table below a heading, by their first cells."""
    section = (ROOT / page).read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    table = re.findall(r"^\| (.*?) \|$", section, re.MULTILINE)[1:]
    cells = [row.split(" | ") for row in table]
    return {first: rest for first, *rest in cells}


class StandIns:
    """What ids, times and cursors of a page are in this run: they differ from run to run.

    Whatever a page calls by one name has to be one and the same each time.
    """

    def __init__(self) -> None:
        self._real: dict[str, str] = {}

    def replaced(self, text: str) -> str:
        """The text with what the stand-ins in it stand for."""
        for shown, real in self._real.items():
            text = text.replace(shown, real)
        return text

    def differences(self, shown: object, real: object, path: str = "") -> Iterator[str]:
        """Where an answer is not the one that is shown."""
        if isinstance(shown, Mapping) and isinstance(real, Mapping):
            if list(shown) != list(real):
                yield f"{path}: {list(shown)} is {list(real)}"
            for name in shown.keys() & real.keys():
                yield from self.differences(shown[name], real[name], f"{path}.{name}")
        elif isinstance(shown, list) and isinstance(real, list) and len(shown) == len(real):
            for index, pair in enumerate(zip(shown, real, strict=True)):
                yield from self.differences(*pair, f"{path}[{index}]")
        elif not self._same(shown, real, path.rpartition(".")[2]):
            yield f"{path}: {shown!r} is {real!r}"

    def _same(self, shown: object, real: object, member: str) -> bool:
        if isinstance(shown, str) and isinstance(real, str):
            passes = all(map(_PASSING.fullmatch, (shown, real)))
            if passes or member in _CURSORS:
                return self._real.setdefault(shown, real) == real
            return self.replaced(shown) == real
        return type(shown) is type(real) and shown == real
