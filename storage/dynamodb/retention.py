"""Sets how long changes and deleted artifacts are kept; DynamoDB then deletes them by TTL."""

import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from storage.callbacks import Progress
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.feed.heads import find_heads
from storage.dynamodb.feed.log_state import LogState, read_log_state
from storage.dynamodb.feed.shards import decode_segment
from storage.dynamodb.items.changes import encode_expiry
from storage.dynamodb.items.values import DECODING_ERRORS, decode_time
from storage.dynamodb.maintenance.batches import retry_for
from storage.dynamodb.schema import table
from storage.dynamodb.schema.attributes import KEY, Item
from storage.dynamodb.schema.keys import (
    CHANGE_PREFIX,
    DELETED_PREFIX,
    LOG_PREFIX,
    SCHEMA_KEY,
    parse_segment_key,
)
from storage.dynamodb.writes.item_updates import only_if_equal
from storage.dynamodb.writes.units import Unit, item_size, write_all
from storage.errors import StoreSetupError

_log = logging.getLogger(__name__)

TTL_ATTRIBUTE = "expires_at"
_NO_TTL = "UnknownOperationException"
"""The error code of an endpoint that has no TTL."""
_PREFIXES = {
    f":{prefix[:-1]}": {"S": prefix} for prefix in (CHANGE_PREFIX, DELETED_PREFIX, LOG_PREFIX)
}
_SCAN: Mapping[str, Any] = {
    "ConsistentRead": True,
    "FilterExpression": " OR ".join(f"begins_with(#k, {name})" for name in _PREFIXES),
    "ExpressionAttributeNames": {"#k": KEY},
    "ExpressionAttributeValues": _PREFIXES,
}


def get_retention(client: DynamoClient) -> timedelta | None:
    """Return how long changes and deleted artifacts are kept; None for ever."""
    return read_log_state(client).retention


def set_retention(
    client: DynamoClient, retention: timedelta | None, progress: Progress
) -> None:
    """Keep changes and deleted artifacts for so long, None for ever.

    It can be interrupted and repeated: it writes just the items that expire at another time.

    Raises:
        StoreSetupError: if the table already has a TTL of another attribute.
        StoreUnavailableError: if the table does not answer, or rejects a call.
    """
    if retention is not None:
        _enable_ttl(client)
    retry_for(partial(_write_retention, client, retention))
    state = retry_for(partial(read_log_state, client))
    heads = retry_for(partial(find_heads, client, state.log_epoch, state.shards))
    size = retry_for(partial(table.estimated_size, client.control, client.table))
    scanned = 0
    for count, items in _scan(client):
        scanned += count
        units = [_to_unit(item, expiry) for item, expiry in _wrong(items, state, heads)]
        retry_for(partial(_write, client, units))
        progress("setting the retention", scanned, max(scanned, size))


def _write(client: DynamoClient, units: list[Unit]) -> None:
    """Write units; of items that are gone or were written anew there is nothing to do."""
    if error := write_all(client, units).error:
        raise error


def _write_retention(client: DynamoClient, retention: timedelta | None) -> None:
    update: dict[str, Any] = {
        "Key": {KEY: {"S": SCHEMA_KEY}},
        "ConditionExpression": f"attribute_exists({KEY})",
        "UpdateExpression": "REMOVE retention",
    }
    if retention is not None:
        seconds = {"N": str(int(retention.total_seconds()))}
        update["UpdateExpression"] = "SET retention = :r"
        update["ExpressionAttributeValues"] = {":r": seconds}
    if not client.transact([{"Update": update}]):
        raise StoreSetupError(f"DDB_TABLE_NAME: the table {client.table} has no schema item")


def _enable_ttl(client: DynamoClient) -> None:
    """Let DynamoDB delete expired items, or log that the endpoint does not."""
    try:
        answer = client.control.describe_time_to_live(TableName=client.table)
        ttl = answer.get("TimeToLiveDescription", {})
        if ttl.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
            client.control.update_time_to_live(
                TableName=client.table,
                TimeToLiveSpecification={"Enabled": True, "AttributeName": TTL_ATTRIBUTE},
            )
        elif ttl.get("AttributeName") != TTL_ATTRIBUTE:
            raise StoreSetupError(
                f"DDB_TABLE_NAME: the table {client.table} has a TTL of the attribute "
                f"{ttl.get('AttributeName')}; disable it, and try again after an hour"
            )
    except ClientError as error:
        if error.response["Error"]["Code"] != _NO_TTL:
            raise
        _log.warning("%s deletes no expired items", client.control.meta.endpoint_url)


def _scan(client: DynamoClient) -> Iterator[tuple[int, list[Item]]]:
    """Yield how many items were read, and those that may expire."""
    scan = _SCAN
    while True:
        (answer,) = retry_for(partial(client.send_all, [("Scan", scan)]))
        yield answer["ScannedCount"], answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        scan = {**_SCAN, "ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _wrong(
    items: list[Item], state: LogState, heads: Mapping[int, int]
) -> Iterator[tuple[Item, str | None]]:
    """Yield the items that expire at a wrong time, and when they should."""
    for item in items:
        try:
            expiry = _expiry(item, state, heads)
        except DECODING_ERRORS:
            continue
        right = None if expiry is None else {"N": expiry}
        if item.get(TTL_ATTRIBUTE) != right:
            yield item, expiry


def _expiry(item: Item, state: LogState, heads: Mapping[int, int]) -> str | None:
    """Return when an item expires: never, if it is the newest segment of its shard."""
    key = item[KEY]["S"]
    if not key.startswith(LOG_PREFIX):
        return encode_expiry(decode_time(item["at"]["S"]), state.retention)
    log_epoch, shard, number = parse_segment_key(key) or (0, 0, 0)
    times = [entry.at for entry in decode_segment(item) if entry]
    if not times or log_epoch != state.log_epoch or number >= heads.get(shard, 0):
        return None
    return encode_expiry(max(times), state.retention)


def _to_unit(item: Item, expiry: str | None) -> Unit:
    update = {"Key": {KEY: item[KEY]}, **only_if_equal(item, "at", "entries")}
    update["UpdateExpression"] = f"REMOVE {TTL_ATTRIBUTE}"
    if expiry is not None:
        update["UpdateExpression"] = f"SET {TTL_ATTRIBUTE} = :e"
        update["ExpressionAttributeValues"] |= {":e": {"N": expiry}}
    return Unit(item[KEY]["S"], [{"Update": update}], item_size(item))
