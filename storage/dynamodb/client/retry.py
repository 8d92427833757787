"""When a call is tried again, and what its failures are called."""

import random
import time
from collections.abc import Iterator

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
)
from botocore.exceptions import (
    ConnectionError as NoConnectionError,
)
from botocore.parsers import ResponseParserError

from storage.deadline import seconds_left
from storage.errors import StoreRefusedError, StoreUnavailableError

_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 0.5
TRIES = 6
"""Of one call; an endpoint that refuses connections has refused them all in a second."""


BOTO_ERRORS = ClientError, BotoCoreError, ResponseParserError
"""What boto3 raises."""
CALL_ERRORS = BotoCoreError, OSError, ValueError
"""What ends a call without an answer: a ValueError is one that is none, or no JSON."""


class CancelledError(Exception):
    """A transaction did nothing, for a condition did not hold."""


class ConflictError(Exception):
    """A transaction that is to be sent again as it is: it, or one in its way, is under way.

    Not to be planned anew: it may have taken effect already, if an answer was lost before.
    """


class TransientError(StoreUnavailableError):
    """What may succeed when it is tried again."""


_PASSING = frozenset({
    "InternalServerError",
    "InternalFailure",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "ThrottlingException",
    "ThrottlingError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "RequestTimeoutException",
    "ReplicatedWriteConflictException",
})  # fmt: skip
_NEVER = frozenset({"ValidationError", "ItemCollectionSizeLimitExceeded"})
_BROKEN = NoConnectionError, HTTPClientError
_SERVER_ERROR = 500


def failure(error: Exception) -> Exception:
    """What an error of boto3's is called here."""
    if not isinstance(error, ClientError):
        message = f"DynamoDB did not answer: {type(error).__name__}"
        passes = not isinstance(error, BotoCoreError) or isinstance(error, _BROKEN)
        return TransientError(message) if passes else StoreRefusedError(message)
    code = error.response["Error"]["Code"]
    if code in ("TransactionInProgressException", "TransactionConflictException"):
        return ConflictError()
    if code == "TransactionCanceledException":
        return _cancelled(error)
    status = error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
    passes = code in _PASSING or status >= _SERVER_ERROR
    message = f"DynamoDB answered {code}"
    return TransientError(message) if passes else StoreRefusedError(message)


def backoff() -> Iterator[int]:
    """Count tries, pausing longer before each, until the deadline.

    The pauses are drawn at random (full jitter), so that those who were in each other's way
    are not again.

    Raises:
        StoreUnavailableError: at the deadline.
    """
    end = time.monotonic() + seconds_left()
    pause, count = _FIRST_PAUSE_SECONDS, 0
    while True:
        yield count
        count += 1
        if time.monotonic() + pause > end:
            raise TransientError("the store was too busy to answer in time")
        time.sleep(random.uniform(0, pause))  # noqa: S311 - no secret
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def _cancelled(error: ClientError) -> Exception:
    reasons = {r.get("Code", "None") for r in error.response.get("CancellationReasons", [])}
    if never := reasons & _NEVER:
        return StoreRefusedError(f"DynamoDB answered {', '.join(sorted(never))}")
    return CancelledError() if "ConditionalCheckFailed" in reasons else ConflictError()
