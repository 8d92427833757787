"""Opens the store that the settings name."""

from storage.dynamodb.store import DynamoStore
from storage.settings import StoreSettings
from storage.sqlite.store import SqliteStore
from storage.store import Store


def open_store(settings: StoreSettings) -> Store:
    """The store, ready to use.

    Raises:
        StoreSetupError: where it is not set up; the message says what to do.
        StoreUnavailableError: where it does not answer.
    """
    if settings.store == "sqlite":
        return SqliteStore(settings.sqlite_path)
    store = DynamoStore(settings.ddb_table_name, settings.aws_region)
    store.check()
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
    store = DynamoStore(settings.ddb_table_name, settings.aws_region)
    if store.create():
        return f"The table {store.name} was made."
    store.check()
    return f"The table {store.name} is there already."
