"""Fetches rows of which texts may be damaged, so that one is not UTF-8 spoils only its row."""

import sqlite3
from collections.abc import Generator, Sequence
from typing import Any


class DamagedRow(tuple[Any, ...]):
    """A row with an UndecodableText."""

    __slots__ = ()


class UndecodableText(str):
    """A stored text that is not UTF-8, with replacement characters; `raw` has its bytes."""

    __slots__ = ("raw",)

    raw: bytes


def fetch(
    db: sqlite3.Connection, statement: str, values: Sequence[object] = ()
) -> Generator[tuple[Any, ...], None, None]:
    """Yield the rows of a SELECT; one with a text that is not UTF-8 is a DamagedRow."""
    rows = db.execute(statement, values)
    while True:
        try:
            # `yield from` would close the cursor, maybe after its file.
            for row in rows:  # noqa: UP028 - see above
                yield row
        except sqlite3.OperationalError as error:
            if not str(error).startswith("Could not decode to UTF-8"):
                raise
        else:
            return
        yield _fetch_again(db, rows)


def fetch_one(
    db: sqlite3.Connection, statement: str, values: Sequence[object] = ()
) -> tuple[Any, ...] | None:
    """Return the first row of a SELECT, as `fetch` yields it."""
    return next(fetch(db, statement, values), None)


def check_texts(row: Sequence[object]) -> None:
    """Raise ValueError if a row has a text that is not UTF-8."""
    if isinstance(row, DamagedRow):
        raise ValueError("not UTF-8")  # noqa: TRY004 - the value of the row is at fault


def stored_text(text: str) -> str | bytes:
    """Return a fetched text as it is stored, to be compared as `CAST(? AS TEXT)`."""
    return text.raw if isinstance(text, UndecodableText) else text


def _fetch_again(db: sqlite3.Connection, rows: sqlite3.Cursor) -> DamagedRow:
    """Return the row that could not be fetched: the cursor does not move on before it is."""
    db.text_factory = _decode
    try:
        return DamagedRow(next(rows))
    finally:
        db.text_factory = str


def _decode(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        text = UndecodableText(raw.decode(errors="replace"))
        text.raw = raw
        return text
