"""The decorator for mutations, and the arguments that several of them share."""

from collections.abc import Callable
from typing import Annotated, ParamSpec, TypeVar

import strawberry

from graph.auth.required_roles import ROLE
from graph.auth.roles import Role
from graph.schema.types.enums import OnConflict

_P = ParamSpec("_P")
_T = TypeVar("_T")

REGISTER_INPUT = strawberry.argument(name="input", description="The artifact to register.")
UPDATE_INPUT = strawberry.argument(
    name="input",
    description="The fields to change. A field that is left out keeps its value; null or an "
    "empty list clears it.",
)
IdArgument = Annotated[
    strawberry.ID, strawberry.argument(name="id", description="The ID of the artifact.")
]
OnConflictArgument = Annotated[
    OnConflict,
    strawberry.argument(
        description="What to do if an artifact of the same type already has the URL. `REJECT` "
        "by default. It cannot be null."
    ),
]
ExpectedVersionArgument = Annotated[
    int | None,
    strawberry.argument(
        description="The `version` that the artifact must still have. If it has another one, "
        "nothing is changed and `userErrors` contains `VERSION_CONFLICT`."
    ),
]


def mutation(role: Role, description: str) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """Declare a resolver as a mutation that requires a role."""
    decorator: Callable[[Callable[_P, _T]], Callable[_P, _T]] = strawberry.field(
        description=f"{description} Requires the role `{role.value}`.", metadata={ROLE: role}
    )
    return decorator
