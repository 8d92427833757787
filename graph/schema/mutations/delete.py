"""The mutations that delete artifacts."""

from typing import Annotated

import strawberry

from graph.auth.roles import Role
from graph.context import Context, Info
from graph.errors import Code, RequestError
from graph.schema.mutations.mutation_fields import (
    ExpectedVersionArgument,
    IdArgument,
    mutation,
)
from graph.schema.resolvers.writes import delete
from graph.schema.types.enums import ArtifactType
from graph.schema.types.payloads import DeleteArtifactPayload, ResetPayload, UserError
from storage.artifacts.records import WriteError, WriteErrorCode
from storage.errors import StoreUnavailableError

TypeArgument = Annotated[
    ArtifactType | None,
    strawberry.argument(
        name="type",
        description="The type that the artifact must have. If it has another one, nothing is "
        "deleted and `userErrors` contains `WRONG_TYPE`.",
    ),
]
ConfirmArgument = Annotated[
    str,
    strawberry.argument(
        description="The name of the store, as confirmation: the name of the DynamoDB table, "
        "or the file name of the SQLite file without its directory."
    ),
]
_NOT_CONFIRMED = WriteError(
    code=WriteErrorCode.INVALID,
    message="Must be the name of the store: the name of the DynamoDB table, or the file name "
    "of the SQLite file.",
    field=("confirm",),
)


@strawberry.type
class DeleteMutations:
    """The mutations that delete artifacts."""

    @mutation(
        Role.ADMIN,
        "Delete an artifact. References to it are kept; they resolve to another artifact as "
        "soon as one matches.",
    )
    async def delete_artifact(
        self,
        info: Info,
        id_: IdArgument,
        artifact_type: TypeArgument = strawberry.UNSET,
        expected_version: ExpectedVersionArgument = strawberry.UNSET,
    ) -> DeleteArtifactPayload:
        """Delete an artifact."""
        result = await delete(info.context, id_, artifact_type or None, expected_version)
        deleted_id = None if result.artifact is None else strawberry.ID(result.artifact.id)
        return DeleteArtifactPayload(deleted_id=deleted_id, user_errors=result.user_errors())

    @mutation(
        Role.ADMIN,
        "Delete all artifacts. This is done in batches and can take minutes. If it is "
        "interrupted, each artifact is either deleted or unchanged, and another `reset` "
        "deletes the rest.",
    )
    async def reset(self, info: Info, confirm: ConfirmArgument) -> ResetPayload:
        """Delete all artifacts."""
        if confirm != info.context.store.name:
            error = UserError.from_write_error(_NOT_CONFIRMED)
            return ResetPayload(deleted_count=0, user_errors=[error])
        return ResetPayload(deleted_count=await _delete_all(info.context), user_errors=[])


async def _delete_all(context: Context) -> int:
    """Delete all artifacts and return their number.

    Raises:
        RequestError: The store failed after some artifacts were deleted.
        StoreUnavailableError: It failed before any was.
    """
    context.remove_deadline()
    count, batches = 0, context.store.reset()
    try:
        # One batch per call, so that a server that is shutting down does not wait for all.
        while (deleted := await context.write(next, batches, None)) is not None:
            count += deleted
    except StoreUnavailableError:
        if not count:
            raise
        message = (
            f"The store did not answer after {count} artifacts were deleted; "
            "call `reset` again to delete the rest."
        )
        raise RequestError(Code.STORE_UNAVAILABLE, message) from None
    return count
