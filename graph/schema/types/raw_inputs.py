"""Inputs as they were given: graphql-core has checked them, and storage reads their fields.

Strawberry would make an object of each, field by field, which takes a third of the time of
registering a model with its rating, and tells no more what was left out.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import strawberry
from strawberry.types import get_object_definition

_T = TypeVar("_T", bound="Given")


class Given:
    """What an argument was given."""

    fields: Mapping[str, Any]
    """In the API's names, all the way down; what was left out is not there."""


def as_given(description: str, *, one_of: bool = False) -> Callable[[type[_T]], type[_T]]:
    """A decorator for the input type of an argument, which declares the fields it may have."""

    def declared(of: type[_T]) -> type[_T]:
        made = strawberry.input(of, one_of=one_of, description=description)
        get_object_definition(made, strict=True).from_input = _made
        return made

    return declared


def _made(of: type[Given], fields: Mapping[str, Any], _: object) -> Given:
    made = of.__new__(of)
    made.fields = fields
    return made
