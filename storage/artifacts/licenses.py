"""Derives SPDX license expressions from licenses as they were given.

Only what the SPDX license list says counts: its identifiers without regard to case, those that
it replaced (`GPL-3.0` is `GPL-3.0-only`), and expressions of them. Nothing is guessed.
"""

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from storage.artifacts.names import normalise

if TYPE_CHECKING:
    from license_expression import Licensing

_MAX_CHARACTERS = 256
_MAX_TOKENS = 24
"""Longer expressions take over half a millisecond to parse."""
_TOKEN = re.compile(r"[()]|[^\s()]+")
_SYNTAX = frozenset({"and", "or", "with", "(", ")"})
_LICENSE_REF = re.compile(r"(DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")
"""A license that is not on the list, by the syntax of SPDX."""


@lru_cache(maxsize=4096)
def to_spdx(text: str) -> str | None:
    """Return the SPDX expression of a license; None if it cannot be derived."""
    tokens = _TOKEN.findall(text) if len(text) <= _MAX_CHARACTERS else []
    if not 0 < len(tokens) <= _MAX_TOKENS:
        return None
    spdx = _load_list()
    if len(tokens) == 1:
        return spdx.licenses.get(text.strip().lower()) or _to_license_ref(text.strip())
    if not all(spdx.has(token) or _to_license_ref(token) for token in tokens):
        return None
    return spdx.parse(text)


def to_license_value(text: str) -> str:
    """Return the license by which facets count: its SPDX expression, or as it was given."""
    return to_spdx(text) or text


def normalise_license(text: str) -> str:
    """Return the form in which licenses are compared: normalised, of its SPDX expression."""
    return normalise(to_license_value(text))


def _to_license_ref(text: str) -> str | None:
    return text if _LICENSE_REF.fullmatch(text) else None


class _List(NamedTuple):
    """The SPDX license list: identifiers in lower case, with what to write instead."""

    licensing: "Licensing"
    licenses: dict[str, str]
    exceptions: frozenset[str]

    def has(self, token: str) -> bool:
        """Return whether a token is an identifier or an operator."""
        lower = token.lower()
        return lower in self.licenses or lower in self.exceptions or lower in _SYNTAX

    def parse(self, text: str) -> str | None:
        """Return the expression with identifiers as the list writes them; None if invalid."""
        from license_expression import ExpressionError  # noqa: PLC0415 - see _load_list

        try:
            return str(self.licensing.parse(text, strict=True))
        except ExpressionError:
            return None


@cache
def _load_list() -> _List:
    """Load the list, which takes 0.2 s: many commands need no license."""
    from license_expression import get_spdx_licensing  # noqa: PLC0415 - as said above

    licensing = get_spdx_licensing()
    # The first parse completes a tokenizer that threads share afterwards.
    licensing.parse("MIT")
    symbols = licensing.known_symbols.values()
    names = [(name.lower(), s) for s in symbols for name in (s.key, *s.aliases)]
    return _List(
        licensing,
        {name: symbol.key for name, symbol in names if not symbol.is_exception},
        frozenset(name for name, symbol in names if symbol.is_exception),
    )
