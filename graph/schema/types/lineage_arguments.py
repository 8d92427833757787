"""The arguments of the fields that follow references over several steps, and their limits."""

from typing import Annotated

import strawberry

from graph.schema.types.enums import LineageDirection, ReferenceKind

MAX_DEPTH = 100
MAX_NODES = 1_000
MAX_PATH_LENGTH = 20
MAX_PATHS = 100
DEFAULT_NODES = 100
DEFAULT_PROVENANCE_DEPTH = 20
DEFAULT_PATH_LENGTH = 10
DEFAULT_PATHS = 10

DirectionArgument = Annotated[
    LineageDirection,
    strawberry.argument(description="The direction in which to follow the references."),
]
DepthArgument = Annotated[
    int | None,
    strawberry.argument(
        description="The maximum number of steps from this artifact, from 1 to "
        f"{MAX_DEPTH}. 1 by default."
    ),
]
ProvenanceDepthArgument = Annotated[
    int | None,
    strawberry.argument(
        description="The maximum number of steps from this model, from 1 to "
        f"{MAX_DEPTH}. {DEFAULT_PROVENANCE_DEPTH} by default."
    ),
]
FirstNodesArgument = Annotated[
    int | None,
    strawberry.argument(
        description="The maximum number of artifacts, nearest first, from 1 to "
        f"{MAX_NODES:,}. {DEFAULT_NODES} by default. Together, they and the starting artifact "
        "may have 100 references and 10 more for each of `first`; artifacts beyond that are "
        "left out too."
    ),
]
KindsArgument = Annotated[
    list[ReferenceKind] | None,
    strawberry.argument(
        description="The kinds of references to follow and to return as edges. All kinds by "
        "default."
    ),
]
FromArgument = Annotated[
    strawberry.ID,
    strawberry.argument(
        name="from", description="The ID of the artifact with which the paths begin."
    ),
]
ToArgument = Annotated[
    strawberry.ID,
    strawberry.argument(description="The ID of the artifact with which the paths end."),
]
MaxLengthArgument = Annotated[
    int | None,
    strawberry.argument(
        description="The maximum number of edges of a path, from 1 to "
        f"{MAX_PATH_LENGTH}. {DEFAULT_PATH_LENGTH} by default."
    ),
]
FirstPathsArgument = Annotated[
    int | None,
    strawberry.argument(
        description=f"The maximum number of paths to return, from 1 to {MAX_PATHS}. "
        f"{DEFAULT_PATHS} by default."
    ),
]
