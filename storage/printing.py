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
    _open_closed_streams()
    code: object = 0
    try:
        try:
            yield
        except SystemExit as error:
            code = error.code
            raise
        finally:
            sys.stdout.flush()
    except OSError as error:
        if error.filename is not None:
            raise
        if not code:  # otherwise the command has said why it failed
            sys.stderr.write(f"the result cannot be printed: {error.strerror}\n")
        # Python would fail again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _open_closed_streams() -> None:
    """Replace streams that the caller has closed, for which Python has None.

    Reading and writing them fail as they would; messages are lost. Otherwise a file that is
    opened later could get the number of a stream.
    """
    streams = (
        ("stdin", os.O_WRONLY, "r"),
        ("stdout", os.O_RDONLY, "w"),
        ("stderr", os.O_RDWR, "w"),
    )
    for number, (name, flags, mode) in enumerate(streams):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, flags), number)
            setattr(sys, name, os.fdopen(number, mode, closefd=False))
