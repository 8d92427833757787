"""The Store protocol on one DynamoDB table."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

from botocore.exceptions import (
    BotoCoreError,
    NoCredentialsError,
    PartialCredentialsError,
)

from storage.artifacts.ids import is_id
from storage.artifacts.projection import (
    CORE_PROJECTION,
    FULL_BY_DEFAULT,
    FULL_PROJECTION,
    AnyArtifact,
    Projection,
)
from storage.artifacts.records import (
    Artifact,
    ArtifactPatch,
    ArtifactType,
    NewArtifact,
    OnConflict,
    PartialArtifact,
    Registered,
    Target,
    WriteError,
)
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.client.retry import BOTO_ERRORS, failure
from storage.dynamodb.legacy.migrate import Migration, migrate, repair
from storage.dynamodb.maintenance.inconsistencies import violations
from storage.dynamodb.maintenance.table_scan import scan_table
from storage.dynamodb.reads import artifacts as reads
from storage.dynamodb.reads import counts
from storage.dynamodb.reads.key_ranges import read_key_ranges
from storage.dynamodb.schema import table
from storage.dynamodb.schema.keys import CREATED_SHARDS
from storage.dynamodb.writes import register as registration
from storage.dynamodb.writes import reset as resetting
from storage.dynamodb.writes import update as writes
from storage.errors import StoreSetupError, StoreUnavailableError
from storage.search.listing import Listing, OrderField
from storage.search.paging import Page, count_matches, read_page
from storage.store import Inconsistency, Progress, ReverseLinkQuery

_BATCH = 100


def _unseen(_stage: str, _done: int, _total: int) -> None:
    """Show nobody the progress."""


class DynamoStore:
    """A registry in a DynamoDB table."""

    def __init__(self, table_name: str, region: str) -> None:
        try:
            self.client = DynamoClient(table_name, region)
        except (BotoCoreError, ValueError) as error:
            raise StoreSetupError(f"DynamoDB cannot be reached as set up: {error}") from None

    @property
    def name(self) -> str:
        """The table's name."""
        return self.client.table

    def get(
        self, ids: Sequence[str], projection: Projection[AnyArtifact] = FULL_BY_DEFAULT
    ) -> Mapping[str, AnyArtifact]:
        """The artifacts that have these ids."""
        return reads.get(self.client, ids, projection)

    def resolve(
        self,
        targets: Sequence[Target],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Mapping[Target, AnyArtifact]:
        """What the targets are now."""
        return reads.resolve(self.client, targets, projection)

    def page(
        self,
        listing: Listing,
        first: int,
        after: str | None = None,
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Page[AnyArtifact]:
        """The `first` artifacts of a listing behind `after`."""
        fan_out = CREATED_SHARDS if listing.order.field is OrderField.CREATED_AT else 1
        read = projection.with_details(listing.details)
        fetch = partial(read_key_ranges, self.client, projection=read)
        return read_page(fetch, listing, first, after, fan_out=fan_out)

    def count(self, listing: Listing) -> int | None:
        """How many artifacts a listing has, up to 10,000 index items."""
        if listing.is_whole:
            return counts.count_types(self.client, listing.filter.types)
        read = CORE_PROJECTION.with_details(listing.details)
        fetch = partial(read_key_ranges, self.client, projection=read)
        return count_matches(fetch, listing)

    def read_reverse_links(
        self,
        queries: Sequence[ReverseLinkQuery],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Sequence[Page[AnyArtifact]]:
        """A page of models for each request."""
        return reads.read_reverse_links(self.client, queries, projection)

    def count_reverse_links(self, artifacts: Sequence[PartialArtifact]) -> Sequence[int | None]:
        """How many models each artifact has, up to 10,000 index items."""
        return counts.count_reverse_links(self.client, artifacts)

    def register(
        self, new_artifacts: Sequence[NewArtifact], on_conflict: OnConflict
    ) -> Sequence[Registered | WriteError | StoreUnavailableError]:
        """Register new_artifacts, each on its own."""
        return registration.register(self.client, new_artifacts, on_conflict)

    def update(
        self,
        id: str,  # noqa: A002 - the registry's own word
        type: ArtifactType | None,  # noqa: A002 - likewise
        changes: ArtifactPatch,
        expected_version: int | None = None,
    ) -> Artifact | WriteError:
        """Change the fields that are given."""
        return writes.update(self.client, id, type, changes, expected_version)

    def delete(
        self,
        id: str,  # noqa: A002 - the registry's own word
        type: ArtifactType | None,  # noqa: A002 - likewise
        expected_version: int | None = None,
    ) -> Artifact | WriteError:
        """Delete an artifact."""
        return writes.delete(self.client, id, type, expected_version)

    def reset(self) -> Iterator[int]:
        """Delete every artifact, at most a hundred in a batch."""
        # That the store is down is said within the time of who asks, which no batch keeps.
        self.ping()
        yield from resetting.reset(self.client)

    def scan(self) -> Iterator[Artifact]:
        """Every artifact, a hundred in memory at a time; of the others just key and time."""
        items = self.client.scan(ProjectionExpression="artifact_id, named_key")
        places = ((i.get("named_key", {}).get("S", ""), i["artifact_id"]["S"]) for i in items)
        keys = sorted((place, id_) for place, id_ in places if is_id(id_))
        for at in range(0, len(keys), _BATCH):
            ids = [id_ for _, id_ in keys[at : at + _BATCH]]
            found = self.get(ids, FULL_PROJECTION)
            yield from (found[id_] for id_ in ids if id_ in found)

    def check(self) -> Iterator[Inconsistency]:
        """What is wrong in two readings of the table: one alone would see writes half read."""
        with _setting_up(), scan_table(self.client, _unseen) as scan_db:
            first = {*violations(scan_db)}
        if first:
            with scan_table(self.client, _unseen) as scan_db:
                yield from (v for v in violations(scan_db) if v in first)

    def repair(self, progress: Progress) -> int:
        """Mend what follows from the artifacts."""
        with _setting_up():
            return repair(self.client, progress)

    def migrate(self, progress: Progress, *, dry_run: bool) -> Migration:
        """Turn a table of the earlier backend into ours."""
        with _setting_up():
            return migrate(self.client, progress, dry_run=dry_run)

    def ping(self) -> None:
        """Raise StoreUnavailableError unless the table answers."""
        self.client.get_items(["none"])

    def create(self) -> bool:
        """Make the table where there is none and tell whether it was made.

        Raises:
            StoreSetupError: where there are no credentials to do it with.
            StoreUnavailableError: where the endpoint does not answer, or refuses.
        """
        with _setting_up():
            return table.create(self.client.boto, self.name)

    def ensure(self) -> None:
        """Make sure that the table is there with its indexes.

        Raises:
            StoreSetupError: where it is not, with what to do.
            StoreUnavailableError: where it does not answer.
        """
        with _setting_up():
            table.check(self.client.boto, self.name)

    def close(self) -> None:
        """Let go of threads and connections."""
        self.client.close()


@contextmanager
def _setting_up() -> Iterator[None]:
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise StoreSetupError(f"AWS credentials are missing: {error}") from None
    except BOTO_ERRORS as error:
        raise failure(error) from error
