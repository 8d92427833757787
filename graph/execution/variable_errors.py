"""Formats errors of variables: each says which field of which variable it means."""

import re
from typing import Any

from graphql import GraphQLError

from graph.errors import Code, format_document_error

_MESSAGE = re.compile(r"Variable '\$(\w+)' has invalid value(?: at ([.\w\[\]]+))?: ")
_STEP = re.compile(r"\w+")
_MISSING = re.compile(r"to include required field '(\w+)'")
_VALUE = re.compile(r", found: .*", re.DOTALL)
"""graphql-core repeats the value, as Python writes it."""


def format_variable_error(error: GraphQLError) -> dict[str, Any]:
    """Return the error with its field in the extensions, as `UserError.field` has it."""
    formatted = format_document_error(error, Code.BAD_USER_INPUT)
    formatted["message"] = _VALUE.sub(".", error.message.replace("be None.", "be null."))
    if field := _find_field(error.message):
        formatted["extensions"]["field"] = field
    return formatted


def _find_field(message: str) -> list[str]:
    if (place := _MESSAGE.match(message)) is None:
        return []
    name, path = place.groups(default="")
    missing = _MISSING.search(message, place.end())
    return [name, *_STEP.findall(path), *(missing.groups() if missing else ())]
