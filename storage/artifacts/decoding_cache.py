"""Keeps what stored texts were decoded to: pages show the same artifacts again and again."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

_KEPT_TEXTS = 2_048
"""Texts that are kept for each decoder, those that were used last."""
_MAX_LENGTH = 2_000
"""Characters: of longer texts, so many would take up too much memory."""

_T = TypeVar("_T")


def keep_decoded(decode: Callable[[str], _T]) -> Callable[[str], _T]:
    """Keep the results of a function that decodes texts to immutable values; not its errors."""
    kept = lru_cache(maxsize=_KEPT_TEXTS)(decode)

    @wraps(decode)
    def decode_or_get(text: str) -> _T:
        return kept(text) if len(text) <= _MAX_LENGTH else decode(text)

    return decode_or_get
