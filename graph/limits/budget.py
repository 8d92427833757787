"""The budget of a request: limits on its work while it is executed, whatever its price was."""

import asyncio
import math
import time
from dataclasses import dataclass
from typing import Self

from graph.engine.budget import BudgetError
from graph.errors import Code, RequestError
from graph.limits.turns import Turns
from graph.settings import Settings

FIELDS_PER_COST = 2
READ_BYTES_PER_COST = 1_000
ANSWER_BYTES_PER_COST = 200
MAX_ERRORS = 1_000
_LONG_ANSWER_BYTES = 500_000
_MANY_ERRORS = 100
_KEY_OVERHEAD = 4
"""The quotes, the colon and the comma of a field in JSON."""


class BudgetExceededError(RequestError, BudgetError):
    """The request did more than it may, or took too long."""


@dataclass(frozen=True, slots=True)
class WorkLimits:
    """The most work that the execution of one request may do."""

    fields: int
    keys: int
    """Ids, names and queries that are looked up in the store."""
    artifacts: int
    """Artifacts and changes that the store returns."""
    read_bytes: int
    answer_bytes: int

    @classmethod
    def of_cost(cls, max_cost: int) -> Self:
        """Return the limits that follow from the maximum price of a request.

        A price is at least the number of fields, keys and artifacts that it is for, so only a
        request whose price is wrong exceeds these; the fields have twice the room for those
        of introspection, which are not priced one by one.
        """
        return cls(
            fields=FIELDS_PER_COST * max_cost,
            keys=max_cost,
            artifacts=max_cost,
            read_bytes=READ_BYTES_PER_COST * max_cost,
            answer_bytes=ANSWER_BYTES_PER_COST * max_cost,
        )


class Budgets:
    """Creates the budgets of a server's requests, which share its event loop."""

    def __init__(self, settings: Settings) -> None:
        self._limits = WorkLimits.of_cost(settings.max_query_cost)
        self._request_seconds = settings.request_seconds
        self._turns = Turns()

    def create(self, seconds: float) -> "RequestBudget":
        """Return the budget of a request that has so many seconds left."""
        return RequestBudget(self._limits, self._turns, seconds, self._request_seconds)


class RequestBudget:
    """Counts the work of one request; each method may raise BudgetExceededError."""

    def __init__(
        self, limits: WorkLimits, turns: Turns, seconds: float, request_seconds: float
    ) -> None:
        self._limits = limits
        self._turns = turns
        self._end = time.monotonic() + seconds
        self._request_seconds = request_seconds
        self._fields = self._keys = self._artifacts = self._errors = 0
        self._read_bytes = self._answer_bytes = 0

    def add_fields(self, count: int, keys_size: int) -> None:
        """Count fields of objects, and the characters of their keys in the response."""
        self._fields += count
        _check(self._fields, self._limits.fields, "answers", "fields")
        self.add_values(count, keys_size + count * _KEY_OVERHEAD)

    def add_values(self, count: int, size: int) -> None:  # noqa: ARG002 - the engine's interface
        """Count scalars and enums of the response by their bytes."""
        self._answer_bytes += size
        _check(self._answer_bytes, self._limits.answer_bytes, "answers", "bytes")

    def add_errors(self, count: int) -> None:
        """Count errors, each times the places in the document that it names."""
        self._errors += count
        _check(self._errors, MAX_ERRORS, "answers", "errors")

    def add_reads(self, keys: int) -> None:
        """Count a call of the store, before it is made, as its keys."""
        self._keys += max(1, keys)
        _check(self._keys, self._limits.keys, "reads", "keys")

    def add_items(self, artifacts: int, size: int) -> None:
        """Count artifacts that the store returned, and their bytes."""
        self._artifacts += artifacts
        self._read_bytes += size
        _check(self._artifacts, self._limits.artifacts, "reads", "artifacts")
        _check(self._read_bytes, self._limits.read_bytes, "reads", "bytes")

    @property
    def is_answer_long(self) -> bool:
        """True if the answer takes so long to encode that it must be done in parts."""
        return self._answer_bytes > _LONG_ANSWER_BYTES or self._errors > _MANY_ERRORS

    def check_answer(self, size: int) -> None:
        """Check the exact size of what is answered."""
        _check(size, self._limits.answer_bytes, "answers", "bytes")

    async def pause(self) -> None:
        """Let other tasks run if the event loop was held for long; check the deadline."""
        self._check_deadline()
        if self._turns.is_over():
            await self._turns.wait_for_next()
            self._check_deadline()

    async def let_others_run(self) -> None:
        """Let other tasks run if the event loop was held for long, whatever the deadline."""
        if self._turns.is_over():
            await self._turns.wait_for_next()

    async def wait(self, wakeup: "asyncio.Future[None]") -> None:
        """Wait until a future has a result, which at the deadline it gets here."""
        self._check_deadline()
        if math.isinf(self._end):
            await wakeup
        else:
            timer = asyncio.get_running_loop().call_later(
                self._end - time.monotonic(), _wake, wakeup
            )
            try:
                await wakeup
            finally:
                timer.cancel()
        await self.pause()

    def remove_deadline(self) -> None:
        """Let the request take as long as it needs."""
        self._end = math.inf

    def _check_deadline(self) -> None:
        if time.monotonic() > self._end:
            message = f"The request was not answered within {self._request_seconds:g} s."
            raise BudgetExceededError(Code.DEADLINE_EXCEEDED, message, status=504)


def _wake(wakeup: "asyncio.Future[None]") -> None:
    if not wakeup.done():
        wakeup.set_result(None)


def _check(count: int, maximum: int, verb: str, unit: str) -> None:
    if count > maximum:
        raise BudgetExceededError(
            Code.QUERY_TOO_COMPLEX,
            f"The request {verb} more than {maximum:,} {unit}, which is the maximum: select "
            "fewer fields, or ask for smaller pages.",
        )
