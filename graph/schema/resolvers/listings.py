"""Read pages of artifacts, searched, filtered and sorted, with counts and facets."""

from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from strawberry import UNSET

from graph.context import Context
from graph.errors import bad_input
from graph.loading.batch_loader import BatchLoader
from graph.schema.resolvers.filter_conditions import to_filter
from graph.schema.types.connections import Connection
from graph.schema.types.enums import ArtifactType
from graph.schema.types.filters import CommonFilter
from graph.schema.types.orders import ArtifactOrder, ModelOrder, to_order
from graph.schema.types.pages import check_first, decode_cursor
from storage.search.folding import fold_search
from storage.search.listing import Listing
from storage.search.pages import Window

MAX_SEARCH = 200
"""In characters."""
MAX_WORDS = 10

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ListArguments:
    """The arguments of a field that lists artifacts."""

    filter: CommonFilter | None
    search: str | None
    order_by: ArtifactOrder | ModelOrder | None
    first: int | None
    after: str | None
    last: int | None
    before: str | None


async def read_listing(
    context: Context, name: str, types: tuple[ArtifactType, ...], arguments: ListArguments
) -> Connection[T]:
    """Read a page of the artifacts that the field with this name lists.

    Raises:
        RequestError: An argument is not valid.
        SearchNotReadyError: The search index is being built.
    """
    search = _to_search(arguments.search)
    order = to_order(arguments.order_by or None, search)
    listing = Listing(to_filter(types, arguments.filter), order, search)
    scope = f"{name} {listing.scope}"
    window = _to_window(scope, arguments)
    store, reads = context.store, context.get_reads(listing)
    return Connection(
        page=await reads.read(store.page, listing, window, context.projection),
        scope=scope,
        types=types,
        total=BatchLoader(lambda _: reads.read(lambda: [store.count(listing)])),
        facet_values=BatchLoader(
            lambda by: reads.read_many(partial(store.count_facets, listing), by)
        ),
    )


def _to_search(search: str | None) -> str:
    """Return the folded words of a search; none if it is blank, null or left out."""
    text = search if isinstance(search, str) else ""
    if len(text) > MAX_SEARCH:
        raise bad_input(f"`search` must have at most {MAX_SEARCH} characters, not {len(text)}.")
    folded = fold_search(text)
    count = len(folded.split())
    if count > MAX_WORDS:
        raise bad_input(f"`search` must have at most {MAX_WORDS} words, not {count}.")
    return folded


def _to_window(scope: str, arguments: ListArguments) -> Window:
    """Return the window of the arguments; null and what is left out are the same."""
    first, last = (None if n is UNSET else n for n in (arguments.first, arguments.last))
    if first is not None and last is not None:
        raise bad_input("`first` and `last` must not be given together.")
    size = check_first(first) if last is None else check_first(last, name="last")
    return Window(
        size,
        after=decode_cursor(scope, arguments.after),
        before=decode_cursor(scope, arguments.before),
        from_end=last is not None,
    )
