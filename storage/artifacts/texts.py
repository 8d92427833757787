"""The rules that hold for every text of an input, whichever field it is in."""

from collections.abc import Callable

from pydantic import AfterValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from storage.artifacts.names import is_blank

STORED = object()
"""The context in which fields are validated that a store already holds or has exported."""
Check = Callable[[str], str]


def check_encodable(value: str) -> str:
    """Return the text if it has a form in UTF-8; raise PydanticCustomError otherwise."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("text", "must not contain half of a surrogate pair") from None
    return value


def check_text(value: str) -> str:
    """Return the text if it may be stored; raise PydanticCustomError otherwise."""
    check_encodable(value)
    # SQL databases, C programs and many readers of CSV take NUL for the end of a text.
    if "\x00" in value:
        raise PydanticCustomError("text", "must not contain the character NUL (U+0000)")
    return value


def check_visible(value: str) -> str:
    """Return the text if it is not blank; raise PydanticCustomError otherwise."""
    if is_blank(value):
        raise PydanticCustomError("text", "must not be blank")
    return value


def _none_if_blank(value: str | None, info: ValidationInfo) -> str | None:
    is_stored = info.context is STORED
    return value if is_stored or value is None or not is_blank(value) else None


def unless_stored(*checks: Check) -> AfterValidator:
    """Return a validator that makes these checks of inputs alone.

    What a store already holds stays readable, and its export importable, also where the rules
    of earlier releases or of the earlier backend were others.
    """

    def validate(value: str, info: ValidationInfo) -> str:
        if info.context is STORED:
            return check_encodable(value)
        for check in checks:
            value = check(value)
        return value

    return AfterValidator(validate)


Text = unless_stored(check_text)
"""Validates a text that may be blank."""
VisibleText = unless_stored(check_text, check_visible)
"""Validates a text that must not be blank."""
NoneIfBlank = AfterValidator(_none_if_blank)
"""Makes None of a blank text, such as a form sends for a field that nobody filled in."""
