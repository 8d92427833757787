"""Reads the ids of all artifacts, in the order in which they got their names, for commands."""

from collections.abc import Iterator
from functools import partial

from storage.artifacts.ids import is_id
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.maintenance.batches import retry_for
from storage.dynamodb.schema.attributes import KEY, Item
from storage.temporary_database import open_temporary_database

_TABLE = """
CREATE TABLE place (named_key TEXT, id TEXT, PRIMARY KEY (named_key, id)) WITHOUT ROWID;
"""
_PUT = "INSERT OR IGNORE INTO place VALUES (?, ?)"


def scan_ids(client: DynamoClient, size: int) -> Iterator[list[str]]:
    """Yield ids in batches of a size; they are sorted on disk, for there may be millions.

    Raises:
        StoreUnavailableError: if the table does not answer for minutes.
        StoreSetupError: if there is no room for the temporary file.
    """
    places = (
        (item.get("named_key", {}).get("S", ""), item[KEY]["S"])
        for item in _scan(client)
        if "artifact_type" in item and is_id(item[KEY]["S"])
    )
    with open_temporary_database(_TABLE) as db:
        db.executemany(_PUT, places)
        found = db.execute("SELECT id FROM place ORDER BY named_key, id")
        while batch := found.fetchmany(size):
            yield [id_ for (id_,) in batch]


def _scan(client: DynamoClient) -> Iterator[Item]:
    scan = {
        "ConsistentRead": True,
        "ProjectionExpression": f"{KEY}, artifact_type, named_key",
    }
    while True:
        (page,) = retry_for(partial(client.send_all, [("Scan", scan)]))
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        scan["ExclusiveStartKey"] = page["LastEvaluatedKey"]
