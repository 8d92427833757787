"""How much each caller may ask in a while, and the RateLimit fields that tell it."""

import logging
import math
import time
from collections.abc import Mapping
from importlib import import_module
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

from limits import RateLimitItem
from limits.aio.storage import Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string
from starlette.requests import Request

from graph.auth.authenticator import Principal
from graph.errors import Code, RequestError

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

_log = logging.getLogger(__name__)

_REDIS_SECONDS = 0.5
_PAUSE_SECONDS = 5
"""How long nothing is counted once Redis does not answer, so that serving goes on."""


class RateLimiter:
    """Counts the requests of each caller."""

    def __init__(self, limit: RateLimitItem, redis_url: str | None) -> None:
        self._limit = limit
        self._pool = _pool(redis_url)
        self._counts = SlidingWindowCounterRateLimiter(_storage(self._pool))
        self._paused_until = -math.inf

    async def take(self, name: str) -> Mapping[str, str]:
        """Count a request, and give the fields that tell how many are left.

        Raises:
            RequestError: where there were none left.
        """
        if time.monotonic() < self._paused_until:
            return {}
        try:
            allowed = await self._counts.hit(self._limit, name)
            reset, left = await self._counts.get_window_stats(self._limit, name)
        except StorageError as error:
            _log.warning("requests are not counted: %s", error.storage_error)
            self._paused_until = time.monotonic() + _PAUSE_SECONDS
            return {}
        wait = max(1, math.ceil(reset - time.time()))
        fields = self._fields(left, wait)
        if not allowed:
            raise RequestError(
                Code.RATE_LIMITED,
                f"The limit is {self._limit}; try again in {wait} s.",
                {**fields, "retry-after": str(wait)},
            )
        return fields

    async def close(self) -> None:
        """Close what connections there are."""
        if self._pool is not None:
            await self._pool.aclose()

    def _fields(self, left: int, wait: int) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-10 defines them."""
        quota, window = self._limit.amount, self._limit.get_expiry()
        return {
            "ratelimit-policy": f'"requests";q={quota};w={window}',
            "ratelimit": f'"requests";r={max(0, left)};t={wait}',
        }


def name_of(caller: Principal | None, request: Request) -> str:
    """Under which name requests are counted: the token's, or without one the address."""
    if caller is not None and caller.name is not None:
        return caller.name
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return f"address {host}"
    if isinstance(address, IPv6Address):
        # Whoever has one address of version 6 has all 2**64 of its network.
        return f"network {int(address) >> 64:x}"
    return f"address {address}"


def _storage(pool: "ConnectionPool | None") -> Storage:
    options: dict[str, Any] = {"connection_pool": pool, "implementation": "redispy"}
    if pool is None:
        found = storage_from_string("async+memory://")
    else:
        found = storage_from_string("async+redis://", wrap_exceptions=True, **options)
    if not isinstance(found, Storage):
        raise TypeError("limits names its storages differently now")
    return found


def _pool(redis_url: str | None) -> "ConnectionPool | None":
    if redis_url is None:
        return None
    # Only whoever has a Redis has the package for it.
    pool: ConnectionPool = import_module("redis.asyncio").ConnectionPool.from_url(
        redis_url, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS
    )
    return pool
