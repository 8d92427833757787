"""Runs the store's command line: `python -m storage`."""

import logging
import sys

from storage.interruption import describe_interruption, get_exit_code, interrupt_on_sigterm
from storage.printing import unprinted_failures


def main() -> None:
    """Run a command; signals end it with one line, also while modules are still loaded."""
    try:
        interrupt_on_sigterm()
        # Commands print errors of the file themselves; servers log them.
        logging.getLogger("storage.sqlite.failures").setLevel(logging.ERROR)
        from storage.cli import app  # noqa: PLC0415 - this is the loading

        with unprinted_failures():
            app(prog_name="python -m storage")
    except KeyboardInterrupt as error:
        sys.stderr.write(f"{describe_interruption(error)}\n")
        sys.exit(get_exit_code(error))


if __name__ == "__main__":
    main()
