"""Lets the long walks of a request work one after the other, beside other requests."""

import asyncio

_FEW_REFERENCES = 1_000
"""Worked on in about 5 ms. Walks with so few do not wait, so that they share their batches."""


class Turns:
    """The turns of one request: walks that wait for the same batch would go on all at once."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def take(self, references: int) -> None:
        """Wait for a turn to work on so many references, unless they are few."""
        if references > _FEW_REFERENCES:
            async with self._lock:
                await asyncio.sleep(0)
