"""Run the server's command line: `python -m graph`."""

from graph.cli import app
from storage.printing import unprinted_failures

if __name__ == "__main__":
    with unprinted_failures():
        app(prog_name="python -m graph")
