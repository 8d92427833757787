"""The lookup of one artifact by its ID, URL or name."""

import strawberry

from graph.schema.types.scalars import Url


@strawberry.input(
    one_of=True, description="The ID, URL or name of an artifact. Exactly one must be given."
)
class ArtifactBy:
    """A lookup of one artifact."""

    id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The ID of the artifact."
    )
    url: Url | None = strawberry.field(
        default=strawberry.UNSET, description="The URL of the artifact, compared exactly."
    )
    name: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The name of the artifact, ignoring case and surrounding whitespace. If "
        "several artifacts have the name, the name owner is returned: the one that has had it "
        "longest.",
    )
