"""The price of parsing and validating a document, known before that is done."""

import re
from itertools import islice

_DOCUMENT_COST = 100
"""Of any document: each rule of validation has to be prepared."""
_TOKEN_COST = 4
_CHARACTERS_OF_COST = 20
_TOKEN = re.compile(r"\w+|[^\s,\w]")
"""About a token: the words of a text are several."""


def price_document(text: str, max_tokens: int) -> int:
    """Return the price of a document; its tokens beyond a maximum are not looked at.

    The numbers are in proportion to the time that a document takes at worst, with many fields
    that do not exist, or as many operations as possible.
    """
    tokens = sum(1 for _ in islice(_TOKEN.finditer(text), max_tokens))
    return _DOCUMENT_COST + _TOKEN_COST * tokens + len(text) // _CHARACTERS_OF_COST
