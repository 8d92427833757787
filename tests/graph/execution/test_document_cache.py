"""The document cache keeps the most recently used documents, up to a number of characters."""

from graph.execution.document_cache import DocumentCache
from graph.execution.validation import Validator
from graph.limits.price import SchemaPrices
from graph.schema.build import core_schema, create_schema

CORE = core_schema(create_schema())
CHARACTERS = 100_000


def create_cache() -> DocumentCache:
    validator = Validator(CORE, introspection=True, suggestions=True)
    return DocumentCache(
        validator, SchemaPrices(CORE), max_characters=CHARACTERS, max_tokens=1_000
    )


def document(name: str, characters: int) -> str:
    return f"query {name} {{ __typename }}".ljust(characters)


def test_a_document_is_parsed_once() -> None:
    cache = create_cache()
    text = document("A", 100)

    assert cache.get_or_parse(text) is cache.get_or_parse(text)


def test_the_least_recently_used_document_is_dropped_first() -> None:
    cache = create_cache()
    a, b, c = (document(name, CHARACTERS // 2) for name in "ABC")
    first_a, first_b = cache.get_or_parse(a), cache.get_or_parse(b)

    assert cache.get_or_parse(a) is first_a
    cache.get_or_parse(c)

    assert cache.get_or_parse(a) is first_a
    assert cache.get_or_parse(b) is not first_b


def test_as_many_documents_are_kept_as_fit_the_characters() -> None:
    cache = create_cache()
    texts = [document(f"Q{n}", CHARACTERS // 10) for n in range(10)]
    documents = [cache.get_or_parse(text) for text in texts]

    assert all(
        cache.get_or_parse(text) is each for text, each in zip(texts, documents, strict=True)
    )
    cache.get_or_parse(document("Long", CHARACTERS))
    assert cache.get_or_parse(texts[-1]) is not documents[-1]
