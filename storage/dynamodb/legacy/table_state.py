"""Reads in which state a table is that is to be migrated, and refuses others."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.formats.schema_item import FORMAT, SchemaItem, read_schema_item
from storage.dynamodb.legacy.legacy_codec import decode_legacy
from storage.dynamodb.maintenance.batches import retry_for
from storage.dynamodb.schema import table
from storage.dynamodb.schema.throughput import IndexUnits, Throughput, read_throughput
from storage.errors import StoreSetupError, UndecodableError


@dataclass(frozen=True, slots=True)
class TableState:
    """What a table has and lacks before its migration."""

    missing: Sequence[str]
    """The indexes that it lacks."""
    obsolete: Sequence[str]
    """The indexes of older formats that it still has."""
    schema: SchemaItem | None
    throughput: Throughput | None
    """That of the indexes that are added; None if the table is on demand."""

    @property
    def is_current(self) -> bool:
        """Return whether the table has this version's format."""
        return self.schema is not None and self.schema.format == FORMAT


def read_table_state(client: DynamoClient, units: IndexUnits) -> TableState:
    """Return the state of the table, whose new indexes get these units.

    Raises:
        StoreSetupError: if it is not a table to migrate.
    """
    missing = retry_for(partial(table.missing_indexes, client.control, client.table))
    obsolete = retry_for(partial(table.obsolete_indexes, client.control, client.table))
    own = retry_for(partial(read_throughput, client.control, client.table))
    schema = retry_for(partial(read_schema_item, client))
    refuse_newer(schema, client.table)
    if schema is None:
        _refuse_foreign(client)
    return TableState(missing, obsolete, schema, units.apply(own, client.table))


def refuse_newer(schema: SchemaItem | None, name: str) -> None:
    """Refuse a table whose format is newer than that of this version.

    Raises:
        StoreSetupError: if it is.
    """
    if schema is None or schema.format is None:
        return
    if (newest := max(schema.format, schema.min_reader, schema.min_writer)) > FORMAT:
        raise StoreSetupError(
            f"DDB_TABLE_NAME: the table {name} has format {newest}, which is newer than "
            f"format {FORMAT} of this version; nothing was changed"
        )


def _refuse_foreign(client: DynamoClient) -> None:
    """Refuse a table that has the same key and items, none of which is an artifact."""
    is_empty = True
    for item in client.scan(ConsistentRead=True):
        is_empty = False
        with suppress(UndecodableError):
            decode_legacy(item)
            return
    if not is_empty:
        raise StoreSetupError(
            f"DDB_TABLE_NAME: the table {client.table} is not a registry's: none of its items "
            "is an artifact; nothing was changed"
        )
