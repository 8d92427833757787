"""Lets a server that is told to stop say so before it stops accepting connections.

Load balancers go on sending requests until a health check has failed. Without this, the
requests that they send meanwhile would find a closed socket.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType

_log = logging.getLogger(__name__)


class Draining:
    """Delays what SIGTERM does by a number of seconds; a second SIGTERM is not delayed.

    `on_stop` is called at once, also for SIGINT, which is not delayed.
    """

    def __init__(self, seconds: float, on_stop: Callable[[], None]) -> None:
        self.is_stopping = False
        """True after SIGTERM: health checks fail from then on."""
        self._seconds = seconds
        self._on_stop = on_stop

    def delay_sigterm(self) -> None:
        """Delay the SIGTERM handler that the ASGI server has installed, if it has."""
        handler = signal.getsignal(signal.SIGTERM)
        is_main = threading.current_thread() is threading.main_thread()
        if not callable(handler) or not is_main:
            return
        loop = asyncio.get_running_loop()

        def handle(number: int, frame: FrameType | None) -> None:
            if self.is_stopping:
                handler(number, frame)
                return
            self.is_stopping = True
            loop.call_soon_threadsafe(self._stop_later, loop, handler, number)

        signal.signal(signal.SIGTERM, handle)
        self._precede_sigint(loop)

    def _precede_sigint(self, loop: asyncio.AbstractEventLoop) -> None:
        handler = signal.getsignal(signal.SIGINT)
        if not callable(handler):
            return

        def handle(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self._on_stop)
            handler(number, frame)

        signal.signal(signal.SIGINT, handle)

    def _stop_later(
        self, loop: asyncio.AbstractEventLoop, handler: "signal._HANDLER", number: int
    ) -> None:
        _log.info("stopping in %g s: not ready any more", self._seconds)
        self._on_stop()
        assert callable(handler)  # noqa: S101 - it was when it was delayed
        loop.call_later(self._seconds, handler, number, None)
