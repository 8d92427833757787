"""Fills an empty store with the sample data."""

from storage.errors import StoreUnavailableError
from storage.store import Store
from storage.transfer.importing import import_sample


def fill_with_sample(store: Store) -> bool:
    """Register the sample data if nothing was ever registered, and return whether it was so.

    What was deleted stays deleted, as long as the store knows of it.

    Raises:
        StoreUnavailableError: if the store fails, or rejects some.
    """
    if not _is_unused(store):
        return False
    summary = import_sample(store)
    if summary.rejected:
        raise StoreUnavailableError(f"{summary.rejected.total()} samples were rejected")
    return True


def _is_unused(store: Store) -> bool:
    # The feed alone does not tell: changes expire, and older releases kept none.
    return not store.read_feed(None, 1).changes and next(store.scan(), None) is None
