"""The limits on open subscriptions: of each caller, and of all together."""

from collections import Counter

from graph.errors import Code, RequestError
from graph.settings import Settings

_RETRY_SECONDS = 5


class OpenSubscriptions:
    """Counts the open subscriptions of this process."""

    def __init__(self, settings: Settings) -> None:
        self._max_of_all = settings.max_subscriptions
        self._max_per_caller = settings.subscriptions_per_caller
        self._of_caller = Counter[str]()

    def take_place(self, caller: str) -> None:
        """Count a subscription of a caller, until its place is freed.

        Raises:
            RequestError: The caller has too many, or there are too many.
        """
        if self._of_caller.get(caller, 0) >= self._max_per_caller:
            raise _refuse(
                Code.RATE_LIMITED,
                f"You have {self._max_per_caller:,} open subscriptions, which is the maximum: "
                "end one first.",
            )
        if self._of_caller.total() >= self._max_of_all:
            raise _refuse(Code.UNAVAILABLE, "Too many open subscriptions; try again.")
        self._of_caller[caller] += 1

    def free_place(self, caller: str) -> None:
        """Count a subscription of a caller no longer."""
        self._of_caller[caller] -= 1
        if not self._of_caller[caller]:
            del self._of_caller[caller]


def _refuse(code: Code, message: str) -> RequestError:
    return RequestError(code, message, {"retry-after": str(_RETRY_SECONDS)})
