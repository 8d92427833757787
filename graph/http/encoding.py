"""Encodes responses as JSON: long ones in parts, between which the event loop is free."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from graph.limits.budget import RequestBudget

_PARTS_AT_ONCE = 50


async def encode(
    content: Mapping[str, Any], budget: RequestBudget, *, is_limited: bool
) -> bytes:
    """Return JSON.

    Raises:
        BudgetExceededError: It is limited, and has more bytes than the budget allows.
    """
    if not budget.is_answer_long:
        return orjson.dumps(content)
    parts: list[bytes] = []
    size = 0
    for number, part in enumerate(_iterate_parts(content)):
        parts.append(part)
        size += len(part)
        if number % _PARTS_AT_ONCE == 0:
            if is_limited:
                budget.check_answer(size)
            await budget.let_others_run()
    return b"".join(parts)


def _iterate_parts(value: Any) -> Iterator[bytes]:  # noqa: ANN401 - any JSON value
    """Yield the JSON of a value in parts; what contains only scalars is one part."""
    if isinstance(value, dict) and any(map(_is_container, value.values())):
        opening = b"{"
        for key, member in value.items():
            yield opening + orjson.dumps(key) + b":"
            yield from _iterate_parts(member)
            opening = b","
        yield b"}"
    elif isinstance(value, list) and any(map(_is_container, value)):
        opening = b"["
        for item in value:
            yield opening
            yield from _iterate_parts(item)
            opening = b","
        yield b"]"
    else:
        yield orjson.dumps(value)


def _is_container(value: object) -> bool:
    return isinstance(value, dict | list)
