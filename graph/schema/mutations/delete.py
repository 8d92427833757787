"""The mutations that delete and restore artifacts."""

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
from graph.schema.resolvers.writes import delete, restore
from graph.schema.types.artifact import artifact_from_optional_record
from graph.schema.types.enums import ArtifactType
from graph.schema.types.payloads import (
    DeleteArtifactPayload,
    ResetPayload,
    RestoreArtifactPayload,
    UserError,
)
from graph.telemetry.request_log import log_reset
from storage.artifacts.writes import WriteError, WriteErrorCode
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

_LIMITED = WriteError(
    code=WriteErrorCode.FORBIDDEN,
    message="The token may only write artifacts with some urls, so it cannot delete all.",
)


@strawberry.type
class DeleteMutations:
    """The mutations that delete and restore artifacts."""

    @mutation(
        Role.ADMIN,
        "Delete an artifact. References to it are kept; they resolve to another artifact as "
        "soon as one matches. `restoreArtifact` undoes it.",
    )
    async def delete_artifact(
        self,
        info: Info,
        id_: IdArgument,
        artifact_type: TypeArgument = strawberry.UNSET,
        expected_version: ExpectedVersionArgument = strawberry.UNSET,
    ) -> DeleteArtifactPayload:
        """Delete an artifact."""
        deleted = await delete(info.context, id_, artifact_type or None, expected_version)
        if isinstance(deleted, WriteError):
            errors = [UserError.from_write_error(deleted)]
            return DeleteArtifactPayload(deleted_id=None, successor=None, user_errors=errors)
        return DeleteArtifactPayload(
            deleted_id=strawberry.ID(deleted.id),
            successor=artifact_from_optional_record(deleted.successor),
            user_errors=[],
        )

    @mutation(
        Role.ADMIN,
        "Restore a deleted artifact with the ID and all fields that it had. Its version is "
        "the one after that of its deletion, and it takes its name anew: if others have the "
        "name, they have had it longer. It fails with `ALREADY_EXISTS` if another artifact of "
        "its type has its URL now, and with `NOT_FOUND` if there is no deleted artifact with "
        "this ID, for example because it was deleted longer ago than deleted artifacts are "
        "kept. By default they are kept for ever.",
    )
    async def restore_artifact(self, info: Info, id_: IdArgument) -> RestoreArtifactPayload:
        """Restore an artifact."""
        result = await restore(info.context, id_)
        return RestoreArtifactPayload(
            artifact=artifact_from_optional_record(result.artifact),
            user_errors=result.user_errors(),
        )

    @mutation(
        Role.ADMIN,
        "Delete all artifacts with their histories; they cannot be restored. This is done in "
        "batches and can take minutes. If it is "
        "interrupted, each artifact is either deleted or unchanged, and another `reset` "
        "deletes the rest.",
    )
    async def reset(self, info: Info, confirm: ConfirmArgument) -> ResetPayload:
        """Delete all artifacts."""
        if info.context.attribution.url_prefixes is not None:
            error = UserError.from_write_error(_LIMITED)
            return ResetPayload(deleted_count=0, user_errors=[error])
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
    finally:
        log_reset(context.attribution, count)
    return count
