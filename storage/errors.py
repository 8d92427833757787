"""Errors of stores."""


class StoreUnavailableError(Exception):
    """The store did not answer, or not in time; the call may be repeated."""


class StoreRefusedError(StoreUnavailableError):
    """The store rejects calls until its operator changes something; the message says what."""


class StoreSetupError(Exception):
    """The store cannot be opened with these settings; the message says what to change."""


class UndecodableError(Exception):
    """Stored data is not what any version of the registry writes."""


class InvalidCursorError(Exception):
    """A cursor of changes that is not one of this store's."""


class CursorExpiredError(Exception):
    """A cursor of changes that are no longer kept: the store was reset, or they expired."""


class SearchNotReadyError(Exception):
    """The search index is being built; the listing may be repeated after some seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("the search index is being built")
        self.retry_after = retry_after
        """In seconds."""
