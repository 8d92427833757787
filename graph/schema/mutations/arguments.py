"""The arguments that several mutations take."""

from typing import Annotated

import strawberry

from graph.schema.types.enums import OnConflict

NEW = strawberry.argument(name="input", description="What to register.")
CHANGED = strawberry.argument(
    name="input",
    description="What to change: a field left out keeps its value, null or [] clears it.",
)

Id = Annotated[strawberry.ID, strawberry.argument(name="id", description="The artifact's id.")]
Conflict = Annotated[
    OnConflict,
    strawberry.argument(description="What to do where the type and url are taken."),
]
ExpectedVersion = Annotated[
    int | None,
    strawberry.argument(
        description="Change nothing unless the artifact still is at this version."
    ),
]
