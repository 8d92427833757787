"""The Store protocol on one DynamoDB table."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from botocore.exceptions import (
    NoCredentialsError,
    PartialCredentialsError,
)

from storage.artifacts.changes import ANONYMOUS, Attribution
from storage.artifacts.records import ArtifactType
from storage.artifacts.writes import (
    ArtifactPatch,
    Deleted,
    NewArtifact,
    OnConflict,
    WriteError,
    Written,
)
from storage.callbacks import Progress
from storage.change_queries import ImportedHistory
from storage.dynamodb import retention as retaining
from storage.dynamodb.client.errors import BOTO_ERRORS, from_exception
from storage.dynamodb.maintenance.check import check
from storage.dynamodb.maintenance.repair import repair
from storage.dynamodb.schema import table
from storage.dynamodb.table_reads import TableReads
from storage.dynamodb.writes import import_history as imports
from storage.dynamodb.writes import register as registration
from storage.dynamodb.writes import reset as resetting
from storage.dynamodb.writes import update as writes
from storage.dynamodb.writes.attempts import WriteContext
from storage.errors import StoreSetupError, StoreUnavailableError
from storage.inconsistencies import Inconsistency


class DynamoStore(TableReads):
    """A registry in a DynamoDB table.

    Raises:
        StoreSetupError: if the AWS settings of the environment are wrong.
    """

    def register(
        self,
        new_artifacts: Sequence[NewArtifact],
        on_conflict: OnConflict,
        attribution: Attribution = ANONYMOUS,
    ) -> Sequence[Written | WriteError | StoreUnavailableError]:
        """Register artifacts, each on its own."""
        with self._writing(attribution) as context:
            return registration.register(context, new_artifacts, on_conflict)

    def update(
        self,
        id: str,  # noqa: A002 - the registry's own word
        type: ArtifactType | None,  # noqa: A002 - likewise
        changes: ArtifactPatch,
        expected_version: int | None = None,
        attribution: Attribution = ANONYMOUS,
    ) -> Written | WriteError:
        """Change the fields that are given."""
        with self._writing(attribution) as context:
            return writes.update(context, id, type, changes, expected_version)

    def delete(
        self,
        id: str,  # noqa: A002 - the registry's own word
        type: ArtifactType | None,  # noqa: A002 - likewise
        expected_version: int | None = None,
        attribution: Attribution = ANONYMOUS,
    ) -> Deleted | WriteError:
        """Delete an artifact."""
        with self._writing(attribution) as context:
            return writes.delete(context, id, type, expected_version)

    def restore(
        self,
        id: str,  # noqa: A002 - the registry's own word
        attribution: Attribution = ANONYMOUS,
    ) -> Written | WriteError:
        """Restore a deleted artifact."""
        with self._writing(attribution) as context:
            return writes.restore(context, id)

    def import_history(
        self, entries: Sequence[tuple[NewArtifact, ImportedHistory]], on_conflict: OnConflict
    ) -> Sequence[Written | WriteError | StoreUnavailableError]:
        """Register exported artifacts with their histories."""
        with self._writing(ANONYMOUS) as context:
            return imports.import_history(context, entries, on_conflict)

    def reset(self) -> Iterator[int]:
        """Delete everything, in batches."""
        # Fails within the caller's deadline, which the batches do not keep.
        self.ping()
        batches = resetting.reset(self.client)
        while True:
            self._format.require_writable()
            try:
                count = next(batches, None)
            finally:
                self._search.note_reset()
            if count is None:
                return
            yield count

    def set_retention(self, retention: timedelta | None, progress: Progress) -> None:
        """Keep changes and deleted artifacts for so long, None for ever."""
        self._format.require_writable()
        with setup_errors():
            retaining.set_retention(self.client, retention, progress)
            self._format.check()

    def check(self) -> Iterator[Inconsistency]:
        """Yield the inconsistencies of the table."""
        with setup_errors():
            yield from check(self.client, self._clock)
            yield from self._search.check()

    def repair(self, progress: Progress) -> int:
        """Repair what follows from the artifacts."""
        with setup_errors():
            repaired = repair(self.client, progress, self._clock)
            if next(self._search.check(), None) is None:
                return repaired
            self._search.reindex(progress)
            return repaired + 1

    def create(self) -> bool:
        """Create the table if there is none, and return whether it was created.

        Raises:
            StoreSetupError: if credentials are missing, or another table has the name.
            StoreUnavailableError: if the endpoint does not answer, or rejects it.
        """
        with setup_errors():
            is_created = table.create(self.client.control, self.client.table)
            self.ensure()
            self._heads.find(self.client, self._format.state, 0)
            return is_created

    def ensure(self, *, may_be_new: bool = True) -> None:
        """Check that the table has the right keys, indexes and format.

        An empty table is made a registry if it may be new.

        Raises:
            StoreSetupError: if it has not, with what to do.
            StoreUnavailableError: if it does not answer.
        """
        with setup_errors():
            table.check(self.client.control, self.client.table)
            self._format.check(may_be_new=may_be_new)

    def prepare_search(self) -> None:
        """Check that the directory of the search index can be used, which listings need.

        Raises:
            StoreSetupError: if it cannot, with what to do.
        """
        self._search.prepare()

    @contextmanager
    def _writing(self, attribution: Attribution) -> Iterator[WriteContext]:
        """Give what a write needs; listings after it see what it did, also if it fails.

        Raises:
            StoreUnavailableError: if this version may not write to the table.
        """
        self._format.require_writable()
        state = self._format.state
        try:
            yield WriteContext(self.client, self._clock, self._heads, state, attribution)
        finally:
            self._search.note_write()


@contextmanager
def setup_errors() -> Iterator[None]:
    """Turn errors of boto3 into the store's own.

    Raises:
        StoreSetupError: if credentials are missing.
        StoreUnavailableError: if the endpoint does not answer, or rejects the call.
    """
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise StoreSetupError(
            f"AWS credentials are missing: {error}; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY, or use a machine with a role"
        ) from None
    except BOTO_ERRORS as error:
        raise from_exception(error).error from error
