"""Work that takes long and waits for nothing, done beside the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class CpuThread:
    """A thread for such work: one, because it shares the interpreter with the event loop.

    While it works, the event loop has its turn every few milliseconds.
    """

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="cpu")

    def start(
        self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> asyncio.Future[_T]:
        """Call a function in the thread, after those that were started before."""
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._executor, lambda: function(*args, **kwargs))

    async def run(
        self, is_long: bool, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Call a function: in the thread if it may take long, otherwise at once."""
        if is_long:
            return await self.start(function, *args, **kwargs)
        return function(*args, **kwargs)
