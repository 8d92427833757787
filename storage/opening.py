"""Opens, creates and migrates the store that the settings name."""

from contextlib import closing

from botocore.config import Config

from storage.callbacks import Progress
from storage.dynamodb.client.http import Timeouts
from storage.dynamodb.legacy.migrate import Migration, abandon, migrate
from storage.dynamodb.store import DynamoStore, setup_errors
from storage.errors import StoreSetupError
from storage.settings import StoreSettings
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


def create_store(settings: StoreSettings) -> str:
    """Create the store if there is none, and return a sentence about the result.

    Raises:
        StoreSetupError: if it cannot be created, or if another table or file is in its place.
        StoreUnavailableError: if it does not answer.
    """
    if settings.store == "sqlite":
        SqliteStore(settings.sqlite_path).close()
        return f"The file {settings.sqlite_path} is ready."
    with closing(_open_table(settings)) as store:
        is_created = store.create()
        return f"The table {store.name} {'was created' if is_created else 'exists already'}."


def migrate_store(
    settings: StoreSettings, progress: Progress, *, dry_run: bool, early: bool
) -> Migration:
    """Migrate the table of the earlier backend, or of an older format.

    Raises:
        StoreSetupError: if the settings name no such table.
        StoreUnavailableError: if it does not answer; the migration can be run again.
    """
    with closing(_open_table_to_migrate(settings)) as store, setup_errors():
        return migrate(store.client, progress, dry_run=dry_run, early=early)


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
