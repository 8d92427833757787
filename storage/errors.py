"""Errors of stores."""


class StoreUnavailableError(Exception):
    """The store did not answer, or not in time; the call may be repeated."""


class StoreRefusedError(StoreUnavailableError):
    """The store rejects calls until its operator changes something; the message says what."""


class SearchIndexError(StoreUnavailableError):
    """The search index on this machine cannot be read or written; the message says why."""


class StoreSetupError(Exception):
    """The store cannot be opened with these settings; the message says what to change."""


class UndecodableError(Exception):
    """Stored data is not what any version of the registry writes."""


class InvalidCursorError(Exception):
    """A cursor of changes that is not one of this store's."""


class CursorExpiredError(Exception):
    """A cursor of changes that are no longer kept: the store was reset, or they expired."""


class PatternTooSlowError(Exception):
    """A pattern takes too long to be compared with all names."""


class SearchNotReadyError(Exception):
    """The search index is being built, or cannot be used; repeat the listing after a while."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("the search index is not ready")
        self.retry_after = retry_after
        """In seconds."""
