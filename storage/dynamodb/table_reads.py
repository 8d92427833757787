"""The reads of the Store protocol on one DynamoDB table."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
)

from storage.artifacts.projection import (
    FULL_BY_DEFAULT,
    FULL_PROJECTION,
    AnyArtifact,
    Projection,
)
from storage.artifacts.records import (
    Artifact,
    PartialArtifact,
    Target,
)
from storage.callbacks import Progress, ignore_unreadable
from storage.change_queries import (
    ALL_CHANGES,
    ChangeFilter,
    DeletedArtifact,
    FeedPage,
    HistoryPage,
    HistoryQuery,
)
from storage.clock import Clock, system_clock
from storage.dynamodb import retention as retaining
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.client.http import Timeouts
from storage.dynamodb.feed.log_state import read_log_state
from storage.dynamodb.feed.reading import FeedReader
from storage.dynamodb.feed.segments import LogHeads
from storage.dynamodb.formats.guard import FormatGuard
from storage.dynamodb.maintenance.batches import retry_for
from storage.dynamodb.maintenance.naming_order import scan_ids
from storage.dynamodb.reads import artifacts as reads
from storage.dynamodb.reads import counts, history, resolution, reverse_links
from storage.dynamodb.reads.deleted import get_deleted, scan_deleted
from storage.dynamodb.schema.attributes import INDEXES
from storage.dynamodb.search.search_copy import SearchCopy
from storage.dynamodb.writes import update as writes
from storage.dynamodb.writes.table_view import TableView
from storage.errors import StoreSetupError, UndecodableError
from storage.reverse_links import ReverseLinkQuery
from storage.search.facets import FacetRequest, FacetValue
from storage.search.listing import Listing
from storage.search.pages import Page, Window
from storage.search.state import SearchState
from storage.settings import TABLE_ARN, default_search_folder

_BATCH = 100
_DEFAULT_REGION = "us-east-2"


def _find_region(table_name: str) -> str:
    """Return the region of the table's ARN, of the environment or of the AWS profile."""
    if arn := TABLE_ARN.fullmatch(table_name):
        return arn["region"]
    return botocore.session.get_session().get_config_variable("region") or _DEFAULT_REGION


class TableReads:
    """The reads of a registry in a DynamoDB table.

    Raises:
        StoreSetupError: if the AWS settings of the environment are wrong.
    """

    def __init__(
        self,
        table_name: str,
        region: str | None = None,
        *,
        clock: Clock = system_clock,
        monotonic: Callable[[], float] = time.monotonic,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - immutable
        config: Config | None = None,
        search_folder: Path | None = None,
        search_max_age: float = 1.0,
    ) -> None:
        try:
            region = region or _find_region(table_name)
            self.client = DynamoClient(table_name, region, timeouts, config)
        except (BotoCoreError, ValueError) as error:
            raise StoreSetupError(
                f"cannot set up the DynamoDB client: {error}; AWS_REGION, AWS_PROFILE and"
                " AWS_ENDPOINT_URL_DYNAMODB are read for it"
            ) from None
        self._clock = clock
        self._format = FormatGuard(self.client, monotonic)
        self._heads = LogHeads()
        self._feed = FeedReader(self.client, clock)
        self._search = SearchCopy(
            self.client,
            search_folder or default_search_folder(),
            search_max_age,
            self.resolve,
            clock=clock,
            monotonic=monotonic,
        )

    @property
    def name(self) -> str:
        """The table's name, without the rest of an ARN."""
        return self.client.table.rpartition("/")[2]

    def get(
        self, ids: Sequence[str], projection: Projection[AnyArtifact] = FULL_BY_DEFAULT
    ) -> Mapping[str, AnyArtifact | UndecodableError]:
        """Return the artifacts with these ids."""
        return reads.get(self.client, ids, projection)

    def resolve(
        self,
        targets: Sequence[Target],
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Mapping[Target, AnyArtifact | UndecodableError]:
        """Return the artifacts that the targets resolve to now."""
        require_writable = self._format.require_writable
        return resolution.resolve(self.client, targets, projection, require_writable)

    def page(
        self,
        listing: Listing,
        window: Window,
        projection: Projection[AnyArtifact] = FULL_BY_DEFAULT,
    ) -> Page[AnyArtifact]:
        """Return a part of a listing."""
        return self._search.page(listing, window, projection)

    def count(self, listing: Listing) -> int | None:
        """Return the number of artifacts of a listing."""
        return self._search.count(listing)

    def count_facets(
        self, listing: Listing, requests: Sequence[FacetRequest]
    ) -> Sequence[Sequence[FacetValue] | None]:
        """Return the most frequent values for each request."""
        return self._search.count_facets(listing, requests)

    def search_state(self) -> SearchState:
        """Return the state of the copy that serves listings."""
        return self._search.state()

    def reindex(self, progress: Progress) -> int:
        """Build the copy that serves listings anew, and return its number of artifacts."""
        return self._search.reindex(progress)

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

    def read_history(self, queries: Sequence[HistoryQuery]) -> Sequence[HistoryPage]:
        """Return a page of changes for each query."""
        not_before = read_log_state(self.client).not_before(self._clock)
        return history.read_history(self.client, queries, not_before)

    def read_feed(
        self, after: str | None, first: int, filter_: ChangeFilter = ALL_CHANGES
    ) -> FeedPage:
        """Return changes in the order in which they were committed."""
        return self._feed.read_feed(after, first, filter_)

    def feed_cursor(self) -> str:
        """Return the cursor after the newest change."""
        return self._feed.cursor()

    def read_recent_changes(
        self, before: str | None, first: int, filter_: ChangeFilter = ALL_CHANGES
    ) -> FeedPage:
        """Return changes, the newest first."""
        return self._feed.read_recent(before, first, filter_)

    def get_retention(self) -> timedelta | None:
        """Return how long changes and deleted artifacts are kept; None for ever."""
        return retaining.get_retention(self.client)

    def scan_deleted(self) -> Iterator[DeletedArtifact]:
        """Yield all deleted artifacts that can be restored."""
        not_before = read_log_state(self.client).not_before(self._clock)
        yield from scan_deleted(self.client, not_before)

    def get_deleted(self, ids: Sequence[str]) -> Mapping[str, DeletedArtifact]:
        """Return the deleted artifacts with these ids that can be restored."""
        not_before = read_log_state(self.client).not_before(self._clock)
        return get_deleted(self.client, ids, not_before)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Do nothing: a table shows each item as it is when it is read."""
        yield

    def scan(
        self, on_unreadable: Callable[[UndecodableError], None] = ignore_unreadable
    ) -> Iterator[Artifact]:
        """Yield all artifacts; memory holds one batch.

        Items of other programs, which have no type of artifacts, are nobody's error.
        """
        for ids in scan_ids(self.client, _BATCH):
            found = retry_for(partial(self.get, ids, FULL_PROJECTION))
            for artifact in (found[id_] for id_ in ids if id_ in found):
                if isinstance(artifact, UndecodableError):
                    on_unreadable(artifact)
                else:
                    yield artifact

    def find_successor(self, artifact: PartialArtifact) -> Artifact | None:
        """Return the namesake that its name would resolve to if the artifact were deleted."""
        return writes.find_successor(TableView(self.client), artifact)

    def ping(self) -> None:
        """Raise StoreUnavailableError unless the table and its indexes answer."""
        self.client.get_items(["none"])
        self.client.query([_empty_query(name) for name in INDEXES], 1)

    def close(self) -> None:
        """Close the copy that serves listings, and the connections."""
        self._search.close()
        self.client.close()


def _empty_query(index: str) -> dict[str, object]:
    """Return a query of an index that finds nothing."""
    return {
        "IndexName": index,
        "KeyConditionExpression": "#k = :k",
        "ExpressionAttributeNames": {"#k": INDEXES[index].partition_key},
        "ExpressionAttributeValues": {":k": {"S": "none"}},
    }
