"""Imports model cards: each is a model to register, on a line of its own."""

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import orjson

from storage.artifacts.writes import OnConflict
from storage.store import Store
from storage.transfer.front_matter import CardError
from storage.transfer.importing import RejectedLine, Summary, import_lines
from storage.transfer.model_cards import check_repository, find_repository, read_card


def import_cards(
    store: Store,
    files: Sequence[BinaryIO],
    repository: str | None,
    on_conflict: OnConflict,
    show: Callable[[str], None],
    *,
    summary: Summary,
) -> None:
    """Register the models of cards, and show of each what was rejected or has no place.

    `repository` is that of the only card; None: each is named by the folders of its file.
    """

    def read_lines() -> Iterator[bytes]:
        for file in files:
            yield _to_line(file, repository, show, summary)

    def reject(line: RejectedLine) -> None:
        parts = (files[line.line - 1].name, ".".join(line.field), line.message)
        show(_to_printable(": ".join(filter(None, parts))))

    import_lines(store, read_lines(), on_conflict, reject, summary=summary)


def _to_line(
    file: BinaryIO, repository: str | None, show: Callable[[str], None], summary: Summary
) -> bytes:
    """Return the line of a card; an empty one if the card cannot be read."""
    try:
        with file:
            id_ = check_repository(repository) if repository else find_repository(file.name)
            card = read_card(file, id_)
    except CardError as error:
        summary.rejected["UNREADABLE"] += 1
        show(_to_printable(f"{file.name}: {error}"))
        return b""
    if card.unmapped:
        show(_to_printable(f"{file.name}: not imported: {', '.join(card.unmapped)}"))
    return orjson.dumps(card.fields)


def _to_printable(text: str) -> str:
    """Return a text without the controls by which a card could change a terminal."""
    return text if text.isprintable() else ascii(text)[1:-1]
