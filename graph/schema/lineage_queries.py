"""The query for the paths between two artifacts."""

import strawberry

from graph.context import Context, Info
from graph.loading.batch_loader import require_value
from graph.loading.lineage_paths import find_lineage_paths
from graph.schema.types.lineage_arguments import (
    DEFAULT_PATH_LENGTH,
    DEFAULT_PATHS,
    MAX_PATH_LENGTH,
    MAX_PATHS,
    FirstPathsArgument,
    FromArgument,
    MaxLengthArgument,
    ToArgument,
)
from graph.schema.types.lineage_paths import LineagePaths
from graph.schema.types.pages import check_first
from graph.schema.types.strawberry_fields import field
from storage.artifacts.ids import is_id
from storage.artifacts.records import PartialArtifact


@strawberry.type
class LineageQueries:
    """The queries that follow references over several steps."""

    @field(
        "The paths by which the artifact `to` was built from the artifact `from`, directly or "
        "indirectly: simple paths downstream, shortest first. From an artifact to itself there "
        "is one, without edges. Null if one of the artifacts does not exist."
    )
    async def lineage_paths(
        self,
        info: Info,
        from_: FromArgument,
        to: ToArgument,
        max_length: MaxLengthArgument = DEFAULT_PATH_LENGTH,
        first: FirstPathsArgument = DEFAULT_PATHS,
    ) -> LineagePaths | None:
        """Return the shortest paths between two artifacts."""
        length = check_first(
            max_length, MAX_PATH_LENGTH, default=DEFAULT_PATH_LENGTH, name="maxLength"
        )
        count = check_first(first, MAX_PATHS, default=DEFAULT_PATHS)
        ends = await _load_ends(info.context, from_, to)
        if ends is None:
            return None
        found = await find_lineage_paths(info.context.loaders, ends, length, count)
        return LineagePaths.from_result(found)


async def _load_ends(
    context: Context, *ids: str
) -> tuple[PartialArtifact, PartialArtifact] | None:
    """Return the artifacts with two ids; None if one of them does not exist.

    Raises:
        UndecodableError: One of them cannot be read.
    """
    if not all(map(is_id, ids)):
        return None
    start, end = map(require_value, await context.loaders.artifact_by_id.load_many(ids))
    return None if start is None or end is None else (start, end)
