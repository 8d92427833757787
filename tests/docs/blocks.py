"""Reads the code blocks and tables of the documentation, and compares answers with it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))]

_FENCED_BLOCK = re.compile(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
_ID_OR_TIME = re.compile(f"{_ID}|{_TIME}")
_CURSOR_FIELDS = {"changeCursor", "cursor", "endCursor", "startCursor"}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced code block: its language, the label behind the language, and its text."""

    language: str
    label: str
    text: str


END = Block("end", "", "")
"""Stands behind the last block of a page when blocks are read in pairs."""


def read_blocks(page: str) -> list[Block]:
    """Read the fenced code blocks of a page, in their order."""
    matches = _FENCED_BLOCK.findall((ROOT / page).read_text())
    return [Block(*groups) for groups in matches]


def read_table(page: str, heading: str) -> dict[str, list[str]]:
    """Read the tables in the section with a heading: the other cells by the first cell."""
    section = (ROOT / page).read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = re.findall(r"^\| (.*?) \|$", section, re.MULTILINE)
    rows = [line.split(" | ") for line in lines[1:]]
    return {first: rest for first, *rest in rows}


def read_text(page: str) -> str:
    """Read a page with each run of white space as one space, to ignore line breaks."""
    return re.sub(r"\s+", " ", (ROOT / page).read_text())


class Placeholders:
    """The actual values of the ids, times and cursors shown on a page.

    They differ in every run, but a value that is shown twice has to stand for the same actual
    value each time.
    """

    def __init__(self) -> None:
        self._actual: dict[str, str] = {}

    def substitute(self, text: str) -> str:
        """Return the text with the actual values in place of those shown."""
        for shown, actual in self._actual.items():
            text = text.replace(shown, actual)
        return text

    def find_differences(self, shown: object, actual: object, path: str = "") -> Iterator[str]:
        """Describe each difference between the answer shown and the actual one."""
        if isinstance(shown, Mapping) and isinstance(actual, Mapping):
            if list(shown) != list(actual):
                yield f"{path}: {list(shown)} is {list(actual)}"
            for name in shown.keys() & actual.keys():
                yield from self.find_differences(shown[name], actual[name], f"{path}.{name}")
        elif isinstance(shown, list) and isinstance(actual, list) and len(shown) == len(actual):
            for index, pair in enumerate(zip(shown, actual, strict=True)):
                yield from self.find_differences(*pair, f"{path}[{index}]")
        elif not self._is_same(shown, actual, path.rpartition(".")[2]):
            yield f"{path}: {shown!r} is {actual!r}"

    def _is_same(self, shown: object, actual: object, field: str) -> bool:
        if isinstance(shown, str) and isinstance(actual, str):
            varies = all(map(_ID_OR_TIME.fullmatch, (shown, actual)))
            if varies or field in _CURSOR_FIELDS:
                return self._actual.setdefault(shown, actual) == actual
            return self.substitute(shown) == actual
        return type(shown) is type(actual) and shown == actual
