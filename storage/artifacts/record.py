"""How the registry's nouns are made: as dataclasses that nothing changes."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[_T]) -> type[_T]:
    """A dataclass with slots, equal to others by its fields; type checkers keep it frozen.

    Frozen by dataclass it would take four times as long to make, and a page of a hundred
    models makes a thousand.
    """
    has_hash = "__hash__" in vars(cls)
    return dataclass(slots=True, unsafe_hash=not has_hash)(cls)
