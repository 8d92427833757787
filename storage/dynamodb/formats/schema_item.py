"""The schema item, which says which format a table has and who may read and write it.

Format 1 is the first release's, which has no schema item. Format 2 has the same artifacts and
side items, and this one. Format 3 keeps changes and the log, and names without counts. Format 4
has no indexes for listings, and all artifacts in `by_bearing`; its servers use tables of format
3, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.feed.log_state import SHARDS, LogState, decode_log_state
from storage.dynamodb.items.values import DECODING_ERRORS
from storage.dynamodb.schema.attributes import KEY, SCHEMA, Item, to_item
from storage.dynamodb.schema.keys import SCHEMA_KEY
from storage.dynamodb.writes.item_updates import Action, only_if_absent
from storage.errors import StoreSetupError, StoreUnavailableError

FORMAT = 4
"""The format that this version writes. It reads and writes tables that allow this format."""
LOG_FORMAT = 3
"""The first format with a log of changes, and the oldest that this version's servers use."""
_FORMATS: Mapping[str, str] = {
    "format": str(FORMAT),
    "min_reader": str(FORMAT),
    "min_writer": str(FORMAT),
}
_LOG: Mapping[str, str] = {"epoch": "1", "log_epoch": "1", "shards": str(SHARDS)}
"""The attributes of a new table's schema item that describe its log."""
_FIELDS = {**_FORMATS, **_LOG}


@dataclass(frozen=True, slots=True)
class SchemaItem:
    """The schema item as it was read."""

    format: int | None = None
    """None while the first migration has not finished."""
    min_reader: int = 0
    """The oldest format whose servers may read the table."""
    min_writer: int = 0
    """The oldest format whose servers may write to the table."""
    lease_holder: str | None = None
    """The migration that is under way, or was interrupted."""
    lease_until: int = 0
    """The end of its lease, in Unix seconds."""
    log_state: LogState | None = None
    """None before the format with a log."""


def read_schema_item(client: DynamoClient) -> SchemaItem | None:
    """Return the schema item, read consistently; None if there is none.

    Raises:
        StoreSetupError: if it is not one that any version writes.
        StoreUnavailableError: if the table does not answer.
    """
    item = client.get_items([SCHEMA_KEY]).get(SCHEMA_KEY)
    if item is None:
        return None
    try:
        return _decode(item)
    except (*DECODING_ERRORS, StoreUnavailableError):
        raise StoreSetupError(
            f"DDB_TABLE_NAME: the item {SCHEMA_KEY} of the table {client.table} is not a "
            "registry's schema item"
        ) from None


def put_new_schema_item(client: DynamoClient) -> bool:
    """Write the schema item of an empty table; False if there is one already."""
    item = to_item({KEY: SCHEMA_KEY, **_FIELDS}, SCHEMA)
    return client.transact([{"Put": {"Item": item, **only_if_absent()}}])


def lease_action(holder: str, until: int, now: int) -> Action:
    """Return the action that takes the lease, if nobody holds it or it has ended.

    From then on servers of older formats refuse writes, as soon as they have read the item
    again, at least every 60 seconds; they go on reading artifacts. The log begins, unless there
    is one already.
    """
    log = [f"#{name} = if_not_exists(#{name}, :{name})" for name in _LOG]
    return {
        "Update": {
            "Key": {KEY: {"S": SCHEMA_KEY}},
            "UpdateExpression": (
                "SET lease_holder = :me, lease_until = :until, min_writer = :format, "
                + ", ".join(log)
            ),
            "ConditionExpression": "attribute_not_exists(lease_holder) OR lease_until < :now",
            "ExpressionAttributeNames": {f"#{name}": name for name in _LOG},
            "ExpressionAttributeValues": {
                ":me": {"S": holder},
                ":until": {"N": str(until)},
                ":now": {"N": str(now)},
                ":format": {"N": str(FORMAT)},
                **{f":{name}": {"N": value} for name, value in _LOG.items()},
            },
        }
    }


def finish_action(holder: str) -> Action:
    """Return the action that completes a migration, if this one still holds the lease."""
    assignments = [f"#{name} = :{name}" for name in _FORMATS]
    return {
        "Update": {
            "Key": {KEY: {"S": SCHEMA_KEY}},
            "UpdateExpression": (
                f"SET {', '.join(assignments)} REMOVE lease_holder, lease_until"
            ),
            "ConditionExpression": "lease_holder = :me",
            "ExpressionAttributeNames": {f"#{name}": name for name in _FORMATS},
            "ExpressionAttributeValues": {
                ":me": {"S": holder},
                **{f":{name}": {"N": value} for name, value in _FORMATS.items()},
            },
        }
    }


def abandon_action() -> Action:
    """Return the action that marks a table as not migrated, unless its format is newer.

    The log is kept, but its cursors expire: writes of the earlier backend are not in it.
    """
    return {
        "Update": {
            "Key": {KEY: {"S": SCHEMA_KEY}},
            "UpdateExpression": "ADD epoch :one "
            "REMOVE #format, min_reader, min_writer, lease_holder, lease_until",
            "ConditionExpression": "#format <= :format",
            "ExpressionAttributeNames": {"#format": "format"},
            "ExpressionAttributeValues": {
                ":one": {"N": "1"},
                ":format": {"N": str(FORMAT)},
            },
        }
    }


def incompatibility(schema: SchemaItem | None, table: str) -> str | None:
    """Return why this version cannot read a table with items, and what to do; else None."""
    name = f"DDB_TABLE_NAME: the table {table}"
    if schema is None:
        return (
            f"{name} has items and no schema item: it has not been migrated; "
            "run `python -m storage migrate`"
        )
    if schema.format is None:
        return (
            f"{name} is being migrated, or its migration was interrupted or abandoned; "
            "run `python -m storage migrate` until it has finished"
        )
    if schema.min_reader > FORMAT:
        return (
            f"{name} has format {schema.format}, written by a newer version of the registry; "
            f"this version reads tables up to format {FORMAT}"
        )
    if schema.format < LOG_FORMAT:
        return (
            f"{name} has format {schema.format}; run `python -m storage migrate` to upgrade it "
            f"to format {FORMAT}"
        )
    return None


def write_incompatibility(schema: SchemaItem | None, table: str) -> str | None:
    """Return why this version must not write to a table; None if it may."""
    if problem := incompatibility(schema, table):
        return problem
    if schema and schema.min_writer > FORMAT:
        return (
            f"DDB_TABLE_NAME: the table {table} accepts writes from servers of format "
            f"{schema.min_writer} on; this version writes format {FORMAT}"
        )
    return None


def _decode(item: Item) -> SchemaItem:
    format_ = _number(item, "format")
    has_log = format_ is not None and format_ >= LOG_FORMAT
    return SchemaItem(
        format=format_,
        min_reader=0 if format_ is None else int(item["min_reader"]["N"]),
        min_writer=0 if format_ is None else int(item["min_writer"]["N"]),
        lease_holder=item["lease_holder"]["S"] if "lease_holder" in item else None,
        lease_until=_number(item, "lease_until") or 0,
        log_state=decode_log_state(item) if has_log else None,
    )


def _number(item: Item, name: str) -> int | None:
    return int(item[name]["N"]) if name in item else None
