"""The type LineagePaths: the ways in which one artifact was built from another."""

from typing import Self

import strawberry

from graph.loading import lineage_paths
from graph.schema.types.artifact import Artifact, artifact_from_record
from graph.schema.types.lineage import LineageEdge


@strawberry.type(
    description="A path of the lineage: artifacts of which each was built from the one before "
    "it. No artifact is in it twice."
)
class LineagePath:
    """A path of the lineage."""

    artifacts: list[Artifact] = strawberry.field(
        description="The artifacts, from upstream to downstream. The first is `from` and the "
        "last is `to`."
    )
    edges: list[LineageEdge] = strawberry.field(
        description="The links between these artifacts, in the same order, one less than there "
        "are artifacts. Of several links between two artifacts, it is that of the model's "
        "first reference."
    )

    @classmethod
    def from_path(cls, path: lineage_paths.LineagePath) -> Self:
        """Return the object of a path."""
        return cls(
            artifacts=[artifact_from_record(artifact) for artifact in path.artifacts],
            edges=LineageEdge.from_edges(path.edges),
        )


@strawberry.type(description="The paths from one artifact down to another.")
class LineagePaths:
    """The paths from one artifact down to another."""

    paths: list[LineagePath] = strawberry.field(
        description="The paths, the shortest first; equally long ones in the order of the "
        "IDs of their artifacts."
    )
    complete: bool = strawberry.field(
        description="Whether there are no other paths of at most `maxLength` edges. False if "
        "`first` left out paths, if stored data cannot be read, and if the search had to stop "
        "because there are too many links."
    )

    @classmethod
    def from_result(cls, result: lineage_paths.LineagePaths) -> Self:
        """Return the object of the result of a search."""
        return cls(
            paths=[LineagePath.from_path(path) for path in result.paths],
            complete=result.is_complete,
        )
