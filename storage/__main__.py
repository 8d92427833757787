"""Runs the store's command line: `python -m storage`."""

import sys


def main() -> None:
    """Run a command; Ctrl-C ends it with one line, also while modules are still loaded."""
    try:
        from storage.cli import app  # noqa: PLC0415 - this is the loading

        app(prog_name="python -m storage")
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
