"""Typed declarations of fields and of the inputs of mutations."""

from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

import strawberry
from strawberry.types import get_object_definition

from graph.auth.required_roles import ROLE
from graph.auth.roles import Role
from graph.engine.plan import BATCH
from graph.engine.strawberry_resolvers import RECORDED

_P = ParamSpec("_P")
_T = TypeVar("_T")
_InputT = TypeVar("_InputT", bound="RawInput")


def field(
    description: str,
    name: str | None = None,
    batch: Callable[..., Any] | None = None,
    role: Role | None = None,
) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """Declare a resolver as a field; with a description, Strawberry's decorator returns Any.

    `name` is the field's name, if it is not that of the resolver. `batch` does what the
    resolver does, for many objects. `role` is the role that a query requires, if not READ.
    """
    metadata = {key: value for key, value in ((BATCH, batch), (ROLE, role)) if value}
    decorator: Callable[[Callable[_P, _T]], Callable[_P, _T]] = strawberry.field(
        description=description, name=name, metadata=metadata
    )
    return decorator


def record_field(description: str) -> Any:  # noqa: ANN401 - what the field is annotated with
    """Declare a field that is an attribute of the object's `record`."""
    declared: Any = strawberry.field(description=description, metadata={RECORDED: True})
    declared.init = False
    return declared


class RawInput:
    """The input of a mutation as graphql-core coerced it.

    Storage validates the fields. Strawberry would first create an object of each nested input,
    which takes a third of the time of registering a model with its rating.
    """

    fields: Mapping[str, Any]
    """The given fields, by their GraphQL names, as are those of nested inputs. A field that was
    left out is missing."""


def raw_input(
    description: str, *, one_of: bool = False
) -> Callable[[type[_InputT]], type[_InputT]]:
    """Declare a class, which lists the fields, as an input that is passed on unconverted."""

    def decorator(input_type: type[_InputT]) -> type[_InputT]:
        declared = strawberry.input(input_type, one_of=one_of, description=description)
        get_object_definition(declared, strict=True).from_input = _from_fields
        return declared

    return decorator


def _from_fields(input_type: type[RawInput], fields: Mapping[str, Any], _: object) -> RawInput:
    raw = input_type.__new__(input_type)
    raw.fields = fields
    return raw
