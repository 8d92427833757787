"""Times that clients send: those of RFC 3339 are understood, others are rejected."""

import pytest

from tests.graph.clients import Client, dataset

pytestmark = pytest.mark.anyio

QUERY = """query ($from: DateTime!) {
  datasets(filter: { createdAt: { from: $from } }) { totalCount }
}"""
REASON = "DateTime must be a date and time of RFC 3339, such as `2025-01-31T12:00:00.123Z`."


@pytest.mark.parametrize(
    "time",
    [
        "2020-01-31T12:00:00Z",
        "2020-01-31t12:00:00z",
        "2020-01-31T12:00:00.1+14:00",
        "2020-01-31T12:00:00.123456789-00:00",
    ],
)
async def test_a_time_of_rfc_3339_is_understood(client: Client, time: str) -> None:
    await client.register(dataset())

    assert await client.data(QUERY, **{"from": time}) == {"datasets": {"totalCount": 1}}


@pytest.mark.parametrize(
    "time",
    [
        "", "T", "Z", "2020-01-31", "2020-01-31T12:00:00", "2020-02-30T00:00:00Z",
        "2020-13-01T00:00:00Z", "2020-01-31T24:00:00Z", "2020-01-31T23:59:60Z",
        "0000-01-01T00:00:00Z", "2020-01-31T12:00:00+25:00", "20200131T120000Z",
        "2020-W05-5T00:00:00Z", "2020-01-31T12Z", "2020-01-31T12:00:00+0100",
        "2020-01-31T12:00:00,5Z", "2020-01-31T12:00:00+00:00\0", "\u0662020-01-31T12:00:00Z",
        "x" * 20_000, 7, ["2020-01-31T12:00:00Z"],
    ],
)  # fmt: skip
async def test_another_time_is_rejected(client: Client, time: object) -> None:
    code, message = await client.error(QUERY, **{"from": time})

    assert code == "BAD_USER_INPUT"
    assert message.endswith(REASON)
