"""Finds texts that every match of a simple pattern contains."""

import re

_SIMPLE = re.compile(r"(\(\?i\))?\^?(?P<body>([\w/@:, -]|\\[./-]|\.[*+]?)*)\$?", re.ASCII)
"""Letters and other characters that stand for themselves, with any characters between them."""
_BETWEEN = re.compile(r"(?<!\\)\.[*+]?| ")


def find_literals(pattern: str) -> list[str]:
    """Return ASCII texts without white space that each text with a match contains.

    Case may differ if the pattern says so. There are none for patterns that are not simple.
    """
    simple = _SIMPLE.fullmatch(pattern)
    parts = _BETWEEN.split(simple["body"]) if simple else []
    return [part.replace("\\", "") for part in parts if part]
