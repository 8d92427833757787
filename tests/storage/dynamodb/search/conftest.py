"""Two servers of one table, whose clock the test sets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.search.servers import Seconds, server


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture(params=["one copy", "two copies"])
def servers(
    moto: DynamoStore, tmp_path: Path, seconds: Seconds, request: pytest.FixtureRequest
) -> Iterator[tuple[DynamoStore, DynamoStore]]:
    """Two servers of one table, which list what others wrote after 60 seconds at the latest."""
    other = "a" if request.param == "one copy" else "b"
    with (
        server(moto, tmp_path / "a", 60, seconds) as first,
        server(moto, tmp_path / other, 60, seconds) as second,
    ):
        yield first, second
