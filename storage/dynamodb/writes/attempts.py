"""Attempts at a write: each reads and plans anew what was in conflict before."""

from collections.abc import Iterator
from dataclasses import dataclass

from storage.artifacts.changes import Attribution
from storage.artifacts.write_rules import Stamp
from storage.clock import Clock
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.client.retry import backoff
from storage.dynamodb.feed.log_state import LogState, read_log_state
from storage.dynamodb.feed.segments import LogAppender, LogHeads
from storage.dynamodb.writes.table_view import TableView


@dataclass(frozen=True, slots=True)
class WriteContext:
    """The dependencies that all writes of one call share."""

    client: DynamoClient
    clock: Clock
    heads: LogHeads
    state: LogState
    attribution: Attribution


class Attempt:
    """One attempt: its time, what it has read, and the log to which it appends."""

    def __init__(self, context: WriteContext, number: int) -> None:
        self.client = context.client
        self.number = number
        self.state = read_log_state(context.client) if number else context.state
        self.stamp = Stamp(context.clock(), context.attribution)
        self.view = TableView(context.client)
        self._heads = context.heads
        self.log = self._draw_log()

    def draw_log(self) -> None:
        """Append to another shard from now on; the newest segment of this one has changed."""
        self.log = self._draw_log()

    def _draw_log(self) -> LogAppender:
        return LogAppender(self.client, self._heads, self.state)


def attempts(context: WriteContext) -> Iterator[Attempt]:
    """Yield attempts until the deadline, with a longer pause before each.

    Raises:
        TransientError: at the deadline.
    """
    for number in backoff():
        yield Attempt(context, number)
