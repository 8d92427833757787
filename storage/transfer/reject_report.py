"""Reports the rejected lines of an import: some as messages, all of them in a file."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

import orjson

from storage.transfer.importing import RejectedLine
from storage.transfer.output_files import errors_of_file

_SHOWN = 20
"""The most messages for one reason: a file of another kind has a reason for every line."""


@dataclass(slots=True)
class RejectReport:
    """Shows messages with `show`, and writes every rejected line to `file`, if there is one.

    The file can be imported: of its lines, the rejected ones are taken.
    """

    show: Callable[[str], None]
    file: BinaryIO | None
    _counts: Counter[str] = field(default_factory=Counter)

    def add(self, reject: RejectedLine) -> None:
        """Report a line."""
        self._counts[reject.reason] += 1
        if self._counts[reject.reason] <= _SHOWN:
            parts = [f"line {reject.line}", ".".join(reject.field), reject.message]
            self.show(": ".join(filter(None, parts)))
        if self.file:
            with errors_of_file(self.file.name):
                self.file.write(orjson.dumps(reject, option=orjson.OPT_APPEND_NEWLINE))

    def finish(self) -> None:
        """Say of how many lines no message was shown."""
        for reason, count in self._counts.items():
            if count > _SHOWN:
                self.show(f"{reason}: {count - _SHOWN} more")
