"""The engines on which stores are tested, and how their stores are made and removed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from botocore.exceptions import ReadTimeoutError

from storage.clock import Clock, system_clock
from storage.dynamodb.store import DynamoStore
from storage.sqlite.store import SqliteStore
from storage.store import Store
from tests.storage.dynamodb.moto_atomic import make_moto_atomic
from tests.storage.dynamodb.moto_quick import make_moto_quick
from tests.storage.dynamodb.moto_tokens import make_moto_keep_tokens
from tests.storage.tables import delete_table

REGION = "us-east-2"
ENDPOINT = "AWS_ENDPOINT_URL_DYNAMODB"
LOCAL = os.environ.get(ENDPOINT)  # noqa: TID251 - botocore's own variable, not ours
DYNAMO_ENGINES = ["moto", "dynamodb-local"] if LOCAL else ["moto"]
ENGINES = ["sqlite", *DYNAMO_ENGINES]


@contextmanager
def opened(engine: str, path: Path, clock: Clock = system_clock) -> Iterator[Store]:
    """Open an empty store of an engine; remove its table afterwards, which moto's end does."""
    if engine == "sqlite":
        sqlite = SqliteStore(path, clock=clock)
        try:
            yield sqlite
        finally:
            sqlite.close()
    elif engine == "moto":
        from moto import mock_aws

        with pytest.MonkeyPatch.context() as patch:
            patch.delenv(ENDPOINT, raising=False)
            make_moto_atomic(patch)
            make_moto_quick(patch)
            make_moto_keep_tokens(patch)
            with mock_aws(), created(clock) as made:
                yield made
    else:
        with table(clock) as made:
            yield made


@contextmanager
def table(clock: Clock = system_clock) -> Iterator[DynamoStore]:
    """Create a table at the endpoint of the environment; delete it afterwards."""
    with created(clock) as made:
        try:
            yield made
        finally:
            # Deleting a large table takes longer than the client waits, but succeeds.
            with suppress(ReadTimeoutError):
                delete_table(made.client.control, made.name)


@contextmanager
def created(clock: Clock) -> Iterator[DynamoStore]:
    """Create a table at the endpoint of the environment, and leave it there.

    Listings see at once what other stores write.
    """
    with TemporaryDirectory(prefix="search-", ignore_cleanup_errors=True) as folder:
        name, path = f"artifacts_{uuid4().hex}", Path(folder)
        made = DynamoStore(name, REGION, clock=clock, search_folder=path, search_max_age=0)
        made.create()
        try:
            yield made
        finally:
            made.close()
