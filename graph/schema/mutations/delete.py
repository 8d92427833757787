"""The mutations that delete artifacts."""

from typing import Annotated

import strawberry

from graph.auth.roles import Role
from graph.context import Info
from graph.errors import Code, RequestError
from graph.schema.mutations.arguments import ExpectedVersion, Id
from graph.schema.mutations.declared import mutation
from graph.schema.resolvers.writes import delete
from graph.schema.types.enums import ArtifactType
from graph.schema.types.payloads import DeleteArtifactPayload, ResetPayload, UserError
from storage.artifacts.records import WriteError, WriteErrorCode
from storage.errors import StoreUnavailableError

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
_UNCONFIRMED = WriteError(
    code=WriteErrorCode.INVALID,
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

    @mutation(
        Role.ADMIN,
        "Delete every artifact, in batches; many take minutes. Where it is interrupted, every "
        "artifact is either whole or gone, and another reset goes on.",
    )
    async def reset(self, info: Info, confirm: Confirm) -> ResetPayload:
        """Empty the registry."""
        store = info.context.store
        if confirm != store.name:
            return ResetPayload(deleted_count=0, user_errors=[UserError.of(_UNCONFIRMED)])
        info.context.remove_deadline()
        count, batches = 0, store.reset()
        try:
            # A batch at a time, so that a server which is told to stop need not wait for all.
            while (deleted := await info.context.write(next, batches, None)) is not None:
                count += deleted
        except StoreUnavailableError:
            if not count:
                raise
            message = (
                f"The store did not answer after {count} artifacts were deleted; "
                "reset again to go on."
            )
            raise RequestError(Code.STORE_UNAVAILABLE, message) from None
        return ResetPayload(deleted_count=count, user_errors=[])
