"""The Store protocol on one DynamoDB table."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

import botocore.session
from botocore.config import Config
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
from storage.dynamodb.client.errors import BOTO_ERRORS, from_exception
from storage.dynamodb.client.http import Timeouts
from storage.dynamodb.formats.guard import FormatGuard
from storage.dynamodb.maintenance.check import check
from storage.dynamodb.maintenance.repair import repair
from storage.dynamodb.reads import artifacts as reads
from storage.dynamodb.reads import counts, reverse_links
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
_DEFAULT_REGION = "us-east-2"


def _default_region() -> str:
    """Return the region of the environment or of the AWS profile."""
    return botocore.session.get_session().get_config_variable("region") or _DEFAULT_REGION


class DynamoStore:
    """A registry in a DynamoDB table.

    Raises:
        StoreSetupError: if the AWS settings of the environment are wrong.
    """

    def __init__(
        self,
        table_name: str,
        region: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - immutable
        config: Config | None = None,
    ) -> None:
        try:
            region = region or _default_region()
            self.client = DynamoClient(table_name, region, timeouts, config)
        except (BotoCoreError, ValueError) as error:
            raise StoreSetupError(f"cannot set up the DynamoDB client: {error}") from None
        self._format = FormatGuard(self.client, clock)

    @property
    def name(self) -> str:
        """The table's name."""
        return self.client.table

    def get(
        self, ids: Sequence[str], projection: Projection[AnyArtifact] = FULL_BY_DEFAULT
    ) -> Mapping[str, AnyArtifact]:
        """Return the artifacts with these ids."""
        return reads.get(self.client, ids, projection)

    def resolve(
        self,
        targets: Sequence[Target],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Mapping[Target, AnyArtifact]:
        """Return the artifacts that the targets resolve to now."""
        return reads.resolve(self.client, targets, projection)

    def page(
        self,
        listing: Listing,
        first: int,
        after: str | None = None,
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Page[AnyArtifact]:
        """Return the `first` artifacts of a listing after a position."""
        fan_out = CREATED_SHARDS if listing.order.field is OrderField.CREATED_AT else 1
        read = projection.with_details(listing.details)
        fetch = partial(read_key_ranges, self.client, projection=read)
        return read_page(fetch, listing, first, after, fan_out=fan_out)

    def count(self, listing: Listing) -> int | None:
        """Return the number of artifacts of a listing, up to 10,000 index items."""
        if listing.is_whole:
            return counts.count_types(self.client, listing.filter.types)
        read = CORE_PROJECTION.with_details(listing.details)
        fetch = partial(read_key_ranges, self.client, projection=read)
        return count_matches(fetch, listing)

    def read_reverse_links(
        self,
        requests: Sequence[ReverseLinkQuery],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Sequence[Page[AnyArtifact]]:
        """Return a page of models for each query."""
        return reverse_links.read_reverse_links(self.client, requests, projection)

    def count_reverse_links(self, artifacts: Sequence[PartialArtifact]) -> Sequence[int | None]:
        """Return the number of models of each artifact, up to 10,000 index items."""
        return counts.count_reverse_links(self.client, artifacts)

    def register(
        self, drafts: Sequence[NewArtifact], on_conflict: OnConflict
    ) -> Sequence[Registered | WriteError | StoreUnavailableError]:
        """Register artifacts, each on its own."""
        self._format.require_writable()
        return registration.register(self.client, drafts, on_conflict)

    def update(
        self,
        id: str,  # noqa: A002 - the registry's own word
        type: ArtifactType | None,  # noqa: A002 - likewise
        changes: ArtifactPatch,
        expected_version: int | None = None,
    ) -> Artifact | WriteError:
        """Change the fields that are given."""
        self._format.require_writable()
        return writes.update(self.client, id, type, changes, expected_version)

    def delete(
        self,
        id: str,  # noqa: A002 - the registry's own word
        type: ArtifactType | None,  # noqa: A002 - likewise
        expected_version: int | None = None,
    ) -> Artifact | WriteError:
        """Delete an artifact."""
        self._format.require_writable()
        return writes.delete(self.client, id, type, expected_version)

    def reset(self) -> Iterator[int]:
        """Delete every artifact, at most a hundred in a batch."""
        # Fails within the caller's deadline, which the batches do not keep.
        self.ping()
        batches = resetting.reset(self.client)
        while True:
            self._format.require_writable()
            count = next(batches, None)
            if count is None:
                return
            yield count

    def scan(self) -> Iterator[Artifact]:
        """Yield all artifacts; of those not yet read, memory holds key and time alone."""
        items = self.client.scan(ProjectionExpression="artifact_id, named_key")
        places = ((i.get("named_key", {}).get("S", ""), i["artifact_id"]["S"]) for i in items)
        keys = sorted((place, id_) for place, id_ in places if is_id(id_))
        for at in range(0, len(keys), _BATCH):
            ids = [id_ for _, id_ in keys[at : at + _BATCH]]
            found = self.get(ids, FULL_PROJECTION)
            yield from (found[id_] for id_ in ids if id_ in found)

    def check(self) -> Iterator[Inconsistency]:
        """Yield the inconsistencies of the table."""
        with setup_errors():
            yield from check(self.client)

    def repair(self, progress: Progress) -> int:
        """Repair what follows from the artifacts."""
        with setup_errors():
            return repair(self.client, progress)

    def ping(self) -> None:
        """Raise StoreUnavailableError unless the table answers."""
        self.client.get_items(["none"])

    def create(self) -> bool:
        """Create the table if there is none, and return whether it was created.

        Raises:
            StoreSetupError: if credentials are missing, or another table has the name.
            StoreUnavailableError: if the endpoint does not answer, or rejects it.
        """
        with setup_errors():
            is_created = table.create(self.client.control, self.name)
            self.ensure()
            return is_created

    def ensure(self) -> None:
        """Check that the table has the right keys, indexes and format.

        Raises:
            StoreSetupError: if it has not, with what to do.
            StoreUnavailableError: if it does not answer.
        """
        with setup_errors():
            table.check(self.client.control, self.name)
            self._format.check()

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


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
        raise StoreSetupError(f"AWS credentials are missing: {error}") from None
    except BOTO_ERRORS as error:
        raise from_exception(error).error from error
