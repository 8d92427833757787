"""Filters that are rejected: malformed, out of range, or with too many values."""

from typing import Any

import pytest

from tests.graph.clients import Client
from tests.graph.schema.model_pages import PAGE, read_names, register_models

pytestmark = pytest.mark.anyio


async def test_malformed_pattern_is_rejected(client: Client) -> None:
    assert await client.error(PAGE, filter={"name": {"matches": "a(b"}}) == (
        "BAD_USER_INPUT",
        "`filter.name.matches` must be a valid RE2 pattern: missing ): a(b.",
    )


async def test_a_pattern_that_takes_long_to_compile_is_rejected(client: Client) -> None:
    code, message = await client.error(PAGE, filter={"name": {"matches": r"\pL{900}z"}})

    assert code == "BAD_USER_INPUT"
    assert "pattern too large" in message


async def test_pattern_that_needs_backtracking_elsewhere_is_matched(client: Client) -> None:
    await register_models(client, "a" * 500)

    assert await read_names(client, filter={"name": {"matches": "^(a+)+$b"}}) == []
    assert await read_names(client, filter={"name": {"matches": "(.?)" * 30}}) == ["a" * 500]
    assert await client.error(PAGE, filter={"name": {"matches": "(a*)*" * 41}}) == (
        "BAD_USER_INPUT",
        "`filter.name.matches` must have at most 200 characters, not 205.",
    )


@pytest.mark.parametrize(
    ("path", "maximum", "value"),
    [
        ("ids", 100, "a"),
        ("name.in", 100, "a"),
        ("url.in", 100, "https://example.org/"),
        ("tags.all", 100, "a"),
        ("tags.any", 100, "a"),
        ("tags.none", 100, "a"),
        ("license.in", 100, None),
        ("createdBy.in", 100, "a"),
        ("properties", 32, {"key": "a"}),
        ("references", 10, {"kind": "CODE"}),
    ],
)
async def test_conditions_with_too_many_values_are_rejected(
    client: Client, path: str, maximum: int, value: object
) -> None:
    def filter_with(count: int) -> dict[str, Any]:
        *outer, last = path.split(".")
        condition = {last: [value] * count}
        return {outer[0]: condition} if outer else condition

    assert await read_names(client, filter=filter_with(maximum)) == []
    assert await client.error(PAGE, filter=filter_with(maximum + 1)) == (
        "BAD_USER_INPUT",
        f"`filter.{path}` must have at most {maximum} items, not {maximum + 1}.",
    )


async def test_an_invalid_target_is_rejected(client: Client) -> None:
    filters = [{"kind": "CODE"}, {"target": {"url": "nowhere"}}]

    code_, message = await client.error(PAGE, filter={"references": filters})

    assert code_ == "BAD_USER_INPUT"
    assert message.startswith("`filter.references.1.target.url` must be an absolute URL")


async def test_a_time_that_no_calendar_in_utc_has_is_rejected(client: Client) -> None:
    filter_ = {"updatedAt": {"until": "0001-01-01T00:00:00+14:00"}}

    assert await client.error(PAGE, filter=filter_) == (
        "BAD_USER_INPUT",
        "`filter.updatedAt.until` is out of range.",
    )


async def test_a_pattern_with_large_repetitions_is_rejected(client: Client) -> None:
    code, message = await client.error(PAGE, filter={"name": {"matches": "(.{1,100}){1,9}b"}})

    assert code == "BAD_USER_INPUT"
    assert message.endswith("pattern too large - use fewer or smaller repetitions and classes.")
