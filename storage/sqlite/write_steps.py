"""Divides long work on a file into short transactions, between which others can write."""

import time
from collections.abc import Callable
from sqlite3 import Connection

from storage.deadline import no_deadline
from storage.sqlite.database import Database

STEP_SECONDS = 0.05
"""About as long as a step may take; an artifact of the largest size takes as long."""


def take_steps(
    database: Database,
    step: Callable[[Connection], bool],
    report: Callable[[], None] = lambda: None,
) -> None:
    """Repeat a step, each time in a transaction that writes, until it returns False.

    After each it sleeps for as long as it took, and calls `report`, which may raise to stop.
    """
    has_more = True
    while has_more:
        with no_deadline(), database.writing() as db:
            start = time.monotonic()
            has_more = step(db)
        report()
        if has_more:
            time.sleep(time.monotonic() - start)
