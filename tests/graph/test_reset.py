"""A reset that takes longer than a request may, and is interrupted."""

import httpx
import pytest

from graph.app import build
from graph.settings import Settings
from storage.dynamodb.store import DynamoStore
from tests.graph.clients import Client
from tests.storage.outage import outage_after
from tests.storage.samples import DATASET, draft, listing, register, walk

pytestmark = pytest.mark.anyio

RESET = "mutation ($confirm: String!) { reset(confirm: $confirm) { deletedCount } }"


async def test_a_reset_has_the_time_it_needs_and_goes_on_where_one_was_interrupted(
    moto: DynamoStore,
) -> None:
    register(moto, *(draft(DATASET, f"d{n}") for n in range(130)))
    transport = httpx.ASGITransport(
        build(moto, Settings(store_seconds=0.001, request_seconds=0.05))
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://registry") as http:
        client = Client(http)

        with outage_after(moto, writes=3):
            interrupted = await client.error(RESET, confirm=moto.name)
        left, violations = len(walk(moto, listing())), list(moto.check())
        done = await client.data(RESET, confirm=moto.name)

    assert interrupted == (
        "STORE_UNAVAILABLE",
        "The store did not answer after 99 artifacts were deleted; reset again to go on.",
    )
    assert (left, violations) == (31, [])
    assert done == {"reset": {"deletedCount": 31}}
    assert walk(moto, listing()) == []
