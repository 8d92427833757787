"""The server's settings, read from the environment beside the store's."""

from typing import Annotated

from pydantic import Field

from storage.settings import StoreSettings

_Positive = Annotated[int, Field(ge=1)]


class Settings(StoreSettings):
    """How much the server takes on."""

    max_query_cost: _Positive = 50_000
    """The highest price of a request. A page of 100 models with all their rating and both links
    is 4,000; a page of 20 datasets with 20 models each, with their links, is 6,000."""
    max_query_tokens: _Positive = 20_000
    """The longest document, in names, numbers and signs."""
    max_body_bytes: _Positive = 1_000_000
    """The longest body of a request."""
    store_threads: _Positive = 16
    """How many calls of the store run at once."""
    store_seconds: Annotated[float, Field(gt=0)] = 4.5
    """How long a request goes on trying a store that fails or is busy."""
    grace_seconds: _Positive = 20
    """How long requests at hand may take to end when the server is told to stop."""
