"""The document cache keeps the most recently used documents, up to a number of characters."""

import asyncio

import pytest

from graph.execution.cpu_thread import CpuThread
from graph.execution.document_cache import DocumentCache
from graph.execution.validation import Validator
from graph.schema.build import core_schema, create_schema

pytestmark = pytest.mark.anyio

CORE = core_schema(create_schema())
CHARACTERS = 100_000


def create_cache() -> DocumentCache:
    validator = Validator(CORE, introspection=True, suggestions=True)
    return DocumentCache(
        CORE, validator, CpuThread(), max_characters=CHARACTERS, max_tokens=1_000
    )


def document(name: str, characters: int) -> str:
    return f"query {name} {{ __typename }}".ljust(characters)


@pytest.mark.parametrize("characters", [100, 10_000])
async def test_a_document_is_parsed_once(characters: int) -> None:
    cache = create_cache()
    text = document("A", characters)

    assert await cache.get_or_parse(text) is await cache.get_or_parse(text)


async def test_a_long_document_is_parsed_once_for_requests_at_the_same_time() -> None:
    cache = create_cache()
    text = document("A", 10_000)
    started = [asyncio.create_task(cache.get_or_parse(text)) for _ in range(3)]
    await asyncio.sleep(0)
    started[0].cancel()

    second, third = await asyncio.gather(*started[1:])

    assert second is third
    assert await cache.get_or_parse(text) is second


async def test_the_least_recently_used_document_is_dropped_first() -> None:
    cache = create_cache()
    a, b, c = (document(name, CHARACTERS // 2) for name in "ABC")
    first_a, first_b = await cache.get_or_parse(a), await cache.get_or_parse(b)

    assert await cache.get_or_parse(a) is first_a
    await cache.get_or_parse(c)

    assert await cache.get_or_parse(a) is first_a
    assert await cache.get_or_parse(b) is not first_b


async def test_as_many_documents_are_kept_as_fit_the_characters() -> None:
    cache = create_cache()
    texts = [document(f"Q{n}", CHARACTERS // 10) for n in range(10)]
    documents = [await cache.get_or_parse(text) for text in texts]

    for text, each in zip(texts, documents, strict=True):
        assert await cache.get_or_parse(text) is each
    await cache.get_or_parse(document("Long", CHARACTERS))
    assert await cache.get_or_parse(texts[-1]) is not documents[-1]
