"""Lets commands fail plainly if their result cannot be printed, as on a full disk."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unprinted_failures() -> Iterator[None]:
    """Say in one line that a result cannot be printed, and exit with 1.

    Errors of other files have their names, and commands report them.
    """
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OSError as error:
        if error.filename is not None:
            raise
        sys.stderr.write(f"the result cannot be printed: {error.strerror}\n")
        # Python would fail again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
