"""Compares names and other texts, and finds those without a visible character."""

import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_IGNORABLE = frozenset(
    chr(code)
    for first, last in (
        (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
        (0x2065, 0x2065), (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF),
    )
    for code in range(first, last + 1)
)  # fmt: skip
"""Invisible characters of other categories: those that Unicode declares ignorable by default,
such as the fillers of Hangul and variation selectors, and the empty Braille pattern."""


def normalise(name: str) -> str:
    """Return the form in which names are compared: NFC, stripped, casefolded.

    Names with the same form are canonical caseless matches, as Unicode defines them (D145). A
    name whose form is empty matches no other.
    """
    if name.isascii():
        return name.strip().casefold()
    # Casefolding makes a letter of a combining iota: marks must be in order before it.
    folded = unicodedata.normalize("NFD", name).casefold()
    return unicodedata.normalize("NFC", folded).strip()


def is_blank(text: str) -> bool:
    """Return whether a text has no visible character: white space, controls or formats only."""
    return all(c in _IGNORABLE or unicodedata.category(c) in _INVISIBLE for c in text)
