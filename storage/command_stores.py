"""Opens stores for commands, and turns errors into messages and exit codes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from storage.errors import SearchIndexError, StoreSetupError, StoreUnavailableError
from storage.interruption import describe_interruption, get_exit_code
from storage.opening import open_existing_store, open_store
from storage.settings import StoreSettings, load_settings
from storage.store import Store

FAILED = 1
"""The exit code of a command that did not do all of its work."""
REFUSED = 2
"""The exit code of a command that did nothing because of its arguments or settings."""


@contextmanager
def store_to_fill() -> Iterator[Store]:
    """Open the store; a SQLite file is created if there is none."""
    store = open_store(load_settings(StoreSettings))
    try:
        yield store
    finally:
        store.close()


@contextmanager
def existing_store() -> Iterator[Store]:
    """Open a store that exists; neither a missing nor an empty one is made a registry."""
    store = open_existing_store(load_settings(StoreSettings))
    try:
        yield store
    finally:
        store.close()


@contextmanager
def plain_failures(done: Callable[[], str] = str) -> Iterator[None]:
    """Print errors as one line and exit: with 2 for wrong settings, with 1 for the store.

    `done` returns what the line is to say of the work that was done before.
    """
    try:
        yield
    except KeyboardInterrupt as error:
        typer.echo(f"{describe_interruption(error)}{done()}", err=True)
        raise typer.Exit(get_exit_code(error)) from None
    except StoreSetupError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(REFUSED) from None
    except SearchIndexError as error:
        typer.echo(f"{error}{done()}", err=True)
        raise typer.Exit(FAILED) from None
    except StoreUnavailableError as error:
        typer.echo(f"the store failed: {error}{done()}", err=True)
        raise typer.Exit(FAILED) from None
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        typer.echo(f"{place}{error.strerror}{done()}", err=True)
        raise typer.Exit(FAILED) from None
