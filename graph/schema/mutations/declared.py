"""Makes a method a mutation, declaring beside it who may call it."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import strawberry

from graph.auth.required_roles import ROLE
from graph.auth.roles import Role

_P = ParamSpec("_P")
_T = TypeVar("_T")


def mutation(role: Role, description: str) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """A decorator for the resolver of a mutation that callers of a role may call."""
    decorator: Callable[[Callable[_P, _T]], Callable[_P, _T]] = strawberry.field(
        description=f"{description} Needs the role `{role.value}`.", metadata={ROLE: role}
    )
    return decorator
