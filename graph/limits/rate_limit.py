"""The rate limit of each caller, and the `RateLimit` header fields of responses."""

import logging
import math
import time
from collections.abc import Mapping
from importlib import import_module
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from starlette.requests import Request

from graph.auth.authenticator import Principal
from graph.errors import Code, RequestError

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

_log = logging.getLogger(__name__)

_REDIS_TIMEOUT_SECONDS = 0.5
_PAUSE_SECONDS = 5
"""The time without rate limits after Redis failed, so that requests do not wait for it."""


class RateLimiter:
    """Counts the requests of each caller, in this process or in Redis."""

    def __init__(self, limit: RateLimitItem, redis_url: str | None) -> None:
        self._limit = limit
        self._pool = _create_pool(redis_url) if redis_url else None
        self._counters = SlidingWindowCounterRateLimiter(_create_storage(self._pool))
        self._paused_until = -math.inf

    async def count_request(self, caller: str) -> Mapping[str, str]:
        """Count a request of a caller; return the header fields with what is left.

        Raises:
            RequestError: The limit is exceeded.
        """
        if time.monotonic() < self._paused_until:
            return {}
        try:
            is_allowed = await self._counters.hit(self._limit, caller)
            reset, remaining = await self._counters.get_window_stats(self._limit, caller)
        except StorageError as error:
            _log.warning("cannot count requests in Redis: %s", error.storage_error)
            self._paused_until = time.monotonic() + _PAUSE_SECONDS
            return {}
        wait = max(1, math.ceil(reset - time.time()))
        headers = self._format_headers(remaining, wait)
        if not is_allowed:
            raise RequestError(
                Code.RATE_LIMITED,
                f"The rate limit is {self._limit}; try again in {wait} s.",
                {**headers, "retry-after": str(wait)},
            )
        return headers

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._pool is not None:
            await self._pool.aclose()

    def _format_headers(self, remaining: int, wait: int) -> dict[str, str]:
        """Format the fields that draft-ietf-httpapi-ratelimit-headers-10 defines."""
        quota, window = self._limit.amount, self._limit.get_expiry()
        return {
            "ratelimit-policy": f'"requests";q={quota};w={window}',
            "ratelimit": f'"requests";r={max(0, remaining)};t={wait}',
        }


def identify_caller(principal: Principal | None, request: Request) -> str:
    """Return the name under which requests are counted.

    It is the principal's name, or without one the client's address. IPv6 addresses count by
    their /64 network, because a client usually has all addresses of one.
    """
    if principal is not None and principal.name is not None:
        return principal.name
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return f"address {host}"
    if isinstance(address, IPv6Address):
        return f"network {int(address) >> 64:x}"
    return f"address {address}"


def _create_storage(pool: "ConnectionPool | None") -> Storage:
    if pool is None:
        return MemoryStorage()
    # The url is not used, because the pool has one; its scheme selects the protocol.
    options: dict[str, Any] = {"connection_pool": pool, "implementation": "redispy"}
    return RedisStorage("async+redis://", wrap_exceptions=True, **options)


def _create_pool(redis_url: str) -> "ConnectionPool":
    # The package `redis` is optional: the extra of the same name installs it.
    pool: ConnectionPool = import_module("redis.asyncio").ConnectionPool.from_url(
        redis_url,
        socket_timeout=_REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=_REDIS_TIMEOUT_SECONDS,
    )
    return pool
