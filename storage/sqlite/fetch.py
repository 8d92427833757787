"""Fetches rows of which texts may be damaged, so that one is not UTF-8 spoils only its row."""

import sqlite3
from collections.abc import Generator, Sequence
from typing import Any


class UndecodableText(str):
    """A stored text that is not UTF-8, with replacement characters; `raw` has its bytes."""

    __slots__ = ("raw",)

    raw: bytes


def fetch(
    db: sqlite3.Connection, statement: str, values: Sequence[object] = ()
) -> Generator[tuple[Any, ...], None, None]:
    """Yield the rows of a SELECT; texts that are not UTF-8 are UndecodableText."""
    rows = db.execute(statement, values)
    while True:
        try:
            yield from rows
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


def check_texts(values: Sequence[object]) -> None:
    """Raise ValueError if one of the values is a text that is not UTF-8."""
    if UndecodableText in map(type, values):
        raise ValueError("not UTF-8")


def stored_text(text: str) -> str | bytes:
    """Return a fetched text as it is stored, to be compared as `CAST(? AS TEXT)`."""
    return text.raw if isinstance(text, UndecodableText) else text


def _fetch_again(db: sqlite3.Connection, rows: sqlite3.Cursor) -> tuple[Any, ...]:
    """Return the row that could not be fetched: the cursor does not move on before it is."""
    db.text_factory = _decode
    try:
        row: tuple[Any, ...] = next(rows)
    finally:
        db.text_factory = str
    return row


def _decode(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        text = UndecodableText(raw.decode(errors="replace"))
        text.raw = raw
        return text
