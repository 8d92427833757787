"""Counts a rate limit over a sliding time: what is left of it, and the time until more is."""

import math
import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Window:
    """The counts of a limit in the current and the previous period.

    That of the previous period fades away evenly until the current one ends, when the next
    period makes the current one the previous one. This is how the package `limits` counts.
    """

    limit: int
    seconds: int
    """The length of a period; periods begin at multiples of it."""
    previous: int
    current: int
    now: float = field(default_factory=time.time)

    @property
    def left(self) -> int:
        """The amount that may still be taken now."""
        count = self.previous * self._rest / self.seconds + self.current
        return max(0, self.limit - math.floor(count))

    def seconds_until(self, amount: int) -> int:
        """Return in how many seconds an amount may be taken: 1 at least.

        An amount above the limit may never be: the time until all is left takes its place.
        """
        free = max(1, self.limit - amount + 1)
        if self.current >= free:
            wait = self._rest + self.seconds * (1 - free / self.current)
        elif self.previous:
            wait = self._rest - (free - self.current) * self.seconds / self.previous
        else:
            wait = 0
        return max(1, math.ceil(wait))

    @property
    def _rest(self) -> float:
        """The seconds until the current period ends."""
        return self.seconds - self.now % self.seconds
