"""Makes a method a GraphQL field: Strawberry's decorators, typed."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import strawberry

_P = ParamSpec("_P")
_T = TypeVar("_T")


def described(description: str) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """A decorator for resolvers; Strawberry's own, given a description, is typed as Any."""
    decorator: Callable[[Callable[_P, _T]], Callable[_P, _T]] = strawberry.field(
        description=description
    )
    return decorator
