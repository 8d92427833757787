"""What is raised where a store cannot answer or input breaks the rules."""


class StoreUnavailableError(Exception):
    """The store did not answer, or not in time; whoever asks may ask again."""


class StoreRefusedError(StoreUnavailableError):
    """The store will refuse until whoever runs it changes something; the message says what."""


class StoreSetupError(Exception):
    """The store cannot be opened as it is set up; the message says what to do about it."""


class UndecodableError(Exception):
    """What is stored is not what any version of the registry writes; names the artifact."""
