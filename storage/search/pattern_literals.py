"""Finds what every match of a pattern has, to test fewer texts one by one."""

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


_CHANGES_WITH_LINES = re.compile(r"\\[Az]|\(\?\w*-")
"""What may not match within several lines although it matches one: ends of the whole text, and
flags that are turned off."""


def match_lines(pattern: str) -> str | None:
    """Return a pattern that matches a text of lines if the given one matches any of the lines.

    It may match other texts, too. None if no such pattern is known.
    """
    return None if _CHANGES_WITH_LINES.search(pattern) else f"(?m){pattern}"
