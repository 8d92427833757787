"""The budget of a request as the engine sees it, and the end of a request without any left."""

import asyncio
from typing import Protocol


class BudgetError(Exception):
    """The request exceeded a limit while it was executed; what is left of it is not done."""


class Budget(Protocol):
    """Limits the work of one request. Each method may raise BudgetError."""

    def add_fields(self, count: int, keys_size: int) -> None:
        """Count fields of objects before they are resolved, and the length of their keys."""

    def add_values(self, count: int, size: int) -> None:
        """Count scalars and enums of the response, and about how many bytes they have."""

    def add_errors(self, count: int) -> None:
        """Count errors, each times the places in the document that it names."""

    def add_reads(self, keys: int) -> None:
        """Count a call of the store for so many keys, before it is made."""

    def add_items(self, artifacts: int, size: int) -> None:
        """Count artifacts that the store returned, and about how many bytes they have."""

    async def pause(self) -> None:
        """Let other tasks run if the event loop was held for long; check the deadline."""

    async def wait(self, wakeup: "asyncio.Future[None]") -> None:
        """Wait until a future has a result, which at the deadline it gets here."""

    def remove_deadline(self) -> None:
        """Let the request take as long as it needs."""


class Unlimited:
    """A budget without limits, which never lets other tasks run."""

    def add_fields(self, count: int, keys_size: int) -> None:
        """Count nothing."""

    def add_values(self, count: int, size: int) -> None:
        """Count nothing."""

    def add_errors(self, count: int) -> None:
        """Count nothing."""

    def add_reads(self, keys: int) -> None:
        """Count nothing."""

    def add_items(self, artifacts: int, size: int) -> None:
        """Count nothing."""

    async def pause(self) -> None:
        """Do not pause."""

    async def wait(self, wakeup: "asyncio.Future[None]") -> None:
        """Wait until a future has a result."""
        await wakeup

    def remove_deadline(self) -> None:
        """Do nothing: there is none."""


class Meter:
    """Spends a budget until it is exceeded.

    That ends a query at once. A mutation goes on, for what it wrote must be told: without its
    budget, and only with fields that must not be null; `stopped_by` takes the place of others.
    """

    __slots__ = ("_budget", "goes_on", "stopped_by")

    def __init__(self, budget: Budget, *, goes_on: bool) -> None:
        self._budget = budget
        self.goes_on = goes_on
        self.stopped_by: BudgetError | None = None

    def add_fields(self, count: int, keys_size: int) -> None:
        """Count fields; raises BudgetError in a query, as the methods below do."""
        if self.stopped_by is None:
            try:
                self._budget.add_fields(count, keys_size)
            except BudgetError as error:
                self.stop(error)

    def add_values(self, count: int, size: int) -> None:
        """Count scalars and enums and their bytes."""
        if self.stopped_by is None:
            try:
                self._budget.add_values(count, size)
            except BudgetError as error:
                self.stop(error)

    def add_error(self, error: Exception, node_count: int) -> None:
        """Count an error, which may itself say that the budget is exceeded."""
        if isinstance(error, BudgetError):
            self.stop(error)
        elif self.stopped_by is None:
            try:
                self._budget.add_errors(node_count)
            except BudgetError as budget_error:
                self.stop(budget_error)

    async def pause(self) -> None:
        """Let other tasks run now and then."""
        if self.stopped_by is None:
            try:
                await self._budget.pause()
            except BudgetError as error:
                self.stop(error)

    async def wait(self, wakeup: "asyncio.Future[None]") -> None:
        """Wait for a future, until the deadline if the budget is not exceeded yet."""
        if self.stopped_by is None:
            try:
                await self._budget.wait(wakeup)
            except BudgetError as error:
                self.stop(error)
        else:
            await wakeup

    def stop(self, error: BudgetError) -> None:
        """Note that the budget is exceeded.

        Raises:
            BudgetError: Nothing was written, so the request ends with this error alone.
        """
        if not self.goes_on:
            raise error
        self.stopped_by = self.stopped_by or error
