"""Opens the store that the settings name."""

from contextlib import closing

from storage.dynamodb.legacy.migrate import Migration, abandon, migrate
from storage.dynamodb.store import DynamoStore, setup_errors
from storage.errors import StoreSetupError
from storage.settings import StoreSettings
from storage.sqlite.store import SqliteStore
from storage.store import Progress, Store


def open_store(settings: StoreSettings) -> Store:
    """The store, ready to use.

    Raises:
        StoreSetupError: where it is not set up; the message says what to do.
        StoreUnavailableError: where it does not answer.
    """
    if settings.store == "sqlite":
        return SqliteStore(settings.sqlite_path)
    store = DynamoStore(settings.ddb_table_name, settings.aws_region)
    store.ensure()
    return store


def create_store(settings: StoreSettings) -> str:
    """Make the store that the settings name, where there is none, and tell what was done.

    Raises:
        StoreSetupError: where it cannot be made.
        StoreUnavailableError: where it does not answer.
    """
    if settings.store == "sqlite":
        SqliteStore(settings.sqlite_path).close()
        return f"The file {settings.sqlite_path} is ready."
    with closing(DynamoStore(settings.ddb_table_name, settings.aws_region)) as store:
        if store.create():
            return f"The table {store.name} was made."
        store.ensure()
        return f"The table {store.name} is there already."


def migrate_store(
    settings: StoreSettings, progress: Progress, *, dry_run: bool, early: bool
) -> Migration:
    """Migrate the table of the earlier backend, or of an older format.

    Raises:
        StoreSetupError: if the settings name no such table.
        StoreUnavailableError: if it does not answer; the migration can be run again.
    """
    with closing(_open_table(settings)) as store, setup_errors():
        return migrate(store.client, progress, dry_run=dry_run, early=early)


def abandon_migration(settings: StoreSettings) -> bool:
    """Mark the table as not migrated, before a return to the earlier backend.

    Returns False if it was not marked as migrated.
    """
    with closing(_open_table(settings)) as store, setup_errors():
        return abandon(store.client)


def _open_table(settings: StoreSettings) -> DynamoStore:
    if settings.store != "dynamodb":
        raise StoreSetupError(
            "STORE: only a DynamoDB table can be migrated; set STORE=dynamodb"
        )
    return DynamoStore(settings.ddb_table_name, settings.aws_region)
