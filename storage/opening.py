"""Opens, creates and migrates the store that the settings name."""

import os
from contextlib import closing
from pathlib import Path

from botocore.config import Config

from storage.callbacks import Progress
from storage.dynamodb.client.http import Timeouts
from storage.dynamodb.legacy.migrate import Migration, abandon, migrate
from storage.dynamodb.schema.throughput import IndexUnits
from storage.dynamodb.store import DynamoStore, setup_errors
from storage.errors import StoreSetupError
from storage.settings import StoreSettings
from storage.sqlite.backup import back_up
from storage.sqlite.file_format import EMPTY, check_file
from storage.sqlite.file_format import setup_errors as file_errors
from storage.sqlite.store import SqliteStore
from storage.store import Store


def open_store(settings: StoreSettings, *, for_listings: bool = False) -> Store:
    """Open the store, ready to use.

    `for_listings`: fail if the directory of the search index cannot be used, which only
    listings need.

    Raises:
        StoreSetupError: if it is not set up; the message says what to do.
        StoreUnavailableError: if it does not answer.
    """
    if settings.store == "sqlite":
        return SqliteStore(settings.sqlite_path)
    store = _open_table(settings)
    store.ensure()
    if for_listings:
        store.prepare_search()
    return store


def open_existing_store(settings: StoreSettings) -> Store:
    """Open a store that exists: neither an empty file nor an empty table is made a registry.

    Raises:
        StoreSetupError: if there is none; the message says what to do.
        StoreUnavailableError: if it does not answer.
    """
    if settings.store == "sqlite":
        _require_file(settings.sqlite_path)
        return SqliteStore(settings.sqlite_path)
    store = _open_table(settings)
    store.ensure(may_be_new=False)
    return store


def _require_file(path: Path) -> None:
    with file_errors(path):
        is_missing = not path.exists()
        if is_missing and not path.parent.is_dir():
            raise StoreSetupError(
                f"SQLITE_PATH: there is no file {path}, and no directory for it"
            )
        is_empty = check_file(path.resolve()) == EMPTY
    if is_missing:
        advice = "; `python -m storage create` makes it" if _can_be_made(path) else ""
        raise StoreSetupError(f"SQLITE_PATH: there is no file {path}{advice}")
    if is_empty:
        raise StoreSetupError(
            f"SQLITE_PATH: {path} is empty; `python -m storage create` makes it a registry"
        )


def _can_be_made(path: Path) -> bool:
    """Return whether its directory takes new files; /proc does not, though root may write."""
    is_writable = path.parent.stat().st_mode & 0o222
    return bool(is_writable) and os.access(path.parent, os.W_OK)


def describe_store(settings: StoreSettings) -> str:
    """Return in words where the data of the store are."""
    if settings.store == "sqlite":
        return f"the file {settings.sqlite_path.resolve()}"
    with closing(_open_table(settings)) as store:
        return f"the table {store.name} at {store.client.control.meta.endpoint_url}"


def find_new_file(settings: StoreSettings) -> Path | None:
    """Return the path of the SQLite file if opening the store will create it."""
    path = settings.sqlite_path
    return path.resolve() if settings.store == "sqlite" and not path.exists() else None


def back_up_store(settings: StoreSettings, file: Path) -> None:
    """Copy the SQLite file to a new one.

    Raises:
        StoreSetupError: if the store is a table, or there is no file.
        StoreUnavailableError: if the copy cannot be made.
    """
    if settings.store != "sqlite":
        raise StoreSetupError(
            "STORE: only a SQLite file is copied; for a table, use DynamoDB's point-in-time"
            " recovery or backups, or `python -m storage export`"
        )
    _require_file(settings.sqlite_path)
    if file.exists() and not file.is_file():
        raise StoreSetupError(f"{file} is not a regular file; choose another name")
    back_up(settings.sqlite_path, file)


def create_store(settings: StoreSettings) -> str:
    """Create the store if there is none, and return a sentence about the result.

    Raises:
        StoreSetupError: if it cannot be created, or if another table or file is in its place.
        StoreUnavailableError: if it does not answer.
    """
    if settings.store == "sqlite":
        is_there = settings.sqlite_path.exists()
        with closing(SqliteStore(settings.sqlite_path)) as store:
            return f"The file {store.path} {'exists already' if is_there else 'was created'}."
    with closing(_open_table(settings)) as store:
        is_created = store.create()
        return f"The table {store.name} {'was created' if is_created else 'exists already'}."


def migrate_store(
    settings: StoreSettings,
    progress: Progress,
    *,
    dry_run: bool,
    early: bool,
    units: IndexUnits,
) -> Migration:
    """Migrate the table of the earlier backend, or of an older format.

    Raises:
        StoreSetupError: if the settings name no such table.
        StoreUnavailableError: if it does not answer; the migration can be run again.
    """
    with closing(_open_table_to_migrate(settings)) as store, setup_errors():
        return migrate(store.client, progress, dry_run=dry_run, early=early, units=units)


def abandon_migration(settings: StoreSettings) -> bool:
    """Mark the table as not migrated, before a return to the earlier backend.

    Returns False if it was not marked as migrated.
    """
    with closing(_open_table_to_migrate(settings)) as store, setup_errors():
        return abandon(store.client)


def _open_table_to_migrate(settings: StoreSettings) -> DynamoStore:
    if settings.store != "dynamodb":
        raise StoreSetupError(
            "STORE: only a DynamoDB table can be migrated; set STORE=dynamodb"
        )
    return _open_table(settings)


def _open_table(settings: StoreSettings) -> DynamoStore:
    timeouts = Timeouts(settings.aws_connect_seconds, settings.aws_read_seconds)
    return DynamoStore(
        settings.ddb_table_name,
        settings.aws_region,
        timeouts=timeouts,
        config=Config(client_cert=_client_cert(settings)),
        search_folder=settings.search_index_path,
        search_max_age=settings.search_max_age,
    )


def _client_cert(settings: StoreSettings) -> str | tuple[str, str] | None:
    """Return the client certificate as botocore takes it."""
    if settings.aws_client_cert is None:
        return None
    certificate = str(settings.aws_client_cert)
    return (
        (certificate, str(settings.aws_client_key)) if settings.aws_client_key else certificate
    )
