"""The mutations that delete artifacts."""

from typing import Annotated

import strawberry

from graph.auth.roles import Role
from graph.context import Info
from graph.mutations.arguments import ExpectedVersion, Id
from graph.mutations.declared import mutation
from graph.types.enums import ArtifactType
from graph.types.payloads import DeleteArtifactPayload, ResetPayload, UserError
from graph.writes import delete
from storage.records import Rejection, RejectionCode

OfType = Annotated[
    ArtifactType | None,
    strawberry.argument(
        name="type", description="Delete nothing unless the artifact is of this type."
    ),
]
Confirm = Annotated[
    str,
    strawberry.argument(
        description="The name of the store: the table's, or the file's without its folder."
    ),
]
_UNCONFIRMED = Rejection(
    code=RejectionCode.INVALID,
    message="confirm must be the name of the store: the table's, or the file's.",
    field=("confirm",),
)


@strawberry.type
class Deletions:
    """What deletes artifacts."""

    @mutation(
        Role.ADMIN,
        "Delete an artifact. References to it stay, and resolve to whatever comes "
        "to match them.",
    )
    async def delete_artifact(
        self,
        info: Info,
        id_: Id,
        of: OfType = strawberry.UNSET,
        expected_version: ExpectedVersion = strawberry.UNSET,
    ) -> DeleteArtifactPayload:
        """Delete an artifact."""
        done = await delete(info.context, id_, of or None, expected_version)
        deleted = None if done.artifact is None else strawberry.ID(done.artifact.id)
        return DeleteArtifactPayload(deleted_id=deleted, user_errors=done.user_errors())

    @mutation(Role.ADMIN, "Delete every artifact.")
    async def reset(self, info: Info, confirm: Confirm) -> ResetPayload:
        """Empty the registry."""
        store = info.context.store
        if confirm != store.name:
            return ResetPayload(deleted_count=0, user_errors=[UserError.of(_UNCONFIRMED)])
        count = await info.context.write(store.reset)
        return ResetPayload(deleted_count=count, user_errors=[])
