"""Makes a method a GraphQL field: Strawberry's decorators, typed."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import strawberry

from graph.loading.reference_resolution import LINK_TARGETS, GetTargets

_P = ParamSpec("_P")
_T = TypeVar("_T")


def described(
    description: str, links: GetTargets | None = None
) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """A decorator for resolvers; Strawberry's own, given a description, is typed as Any.

    `links` says what the resolver will ask the loader of links for.
    """
    decorator: Callable[[Callable[_P, _T]], Callable[_P, _T]] = strawberry.field(
        description=description, metadata={LINK_TARGETS: links}
    )
    return decorator
