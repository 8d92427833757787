"""Run the server's command line: `python -m graph`."""

from graph.cli import app

if __name__ == "__main__":
    app(prog_name="python -m graph")
