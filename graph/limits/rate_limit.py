"""The rate limits of each caller, and the `RateLimit` header fields of responses."""

import logging
import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.errors import StorageError
from starlette.requests import Request

from graph.auth.authenticator import Principal
from graph.errors import Code, RequestError
from graph.limits.sliding_window import Window
from graph.settings import RateLimits

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

_log = logging.getLogger(__name__)

_REDIS_TIMEOUT_SECONDS = 0.5
_PAUSE_SECONDS = 5
"""The time without rate limits after Redis failed, so that requests do not wait for it."""


class RateLimiter:
    """Counts the requests of each caller and their cost, in this process or in Redis."""

    def __init__(self, limits: RateLimits, redis_url: str | None) -> None:
        self.limits = {
            name: limit
            for name, limit in (("requests", limits.requests), ("cost", limits.cost))
            if limit
        }
        self._pool = _create_pool(redis_url) if redis_url else None
        self._storage = _create_storage(self._pool)
        self._paused_until = -math.inf

    async def take(self, name: str, caller: str, amount: int) -> tuple[bool, Window] | None:
        """Take an amount of what a caller has left of a limit, if it has as much.

        Return whether it had, and what is left; None if Redis does not answer.
        """
        limit = self.limits[name]
        key, seconds = limit.key_for(name, caller), limit.get_expiry()
        if time.monotonic() < self._paused_until:
            return None
        try:
            is_allowed = not amount or await self._storage.acquire_sliding_window_entry(
                key, limit.amount, seconds, amount
            )
            counts = await self._storage.get_sliding_window(key, seconds)
        except StorageError as error:
            _log.warning("cannot count requests in Redis: %s", error.storage_error)
            self._paused_until = time.monotonic() + _PAUSE_SECONDS
            return None
        return is_allowed, Window(limit.amount, seconds, counts[0], counts[2])

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._pool is not None:
            await self._pool.aclose()


class RequestRate:
    """Counts a request and its cost for its caller; `headers` say what the caller has left."""

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter = limiter
        self._caller = ""
        self._left: dict[str, str] = {}
        self._cost: Window | None = None
        self.headers: Mapping[str, str] = {}
        """The fields that draft-ietf-httpapi-ratelimit-headers-10 defines."""

    async def count(self, caller: str) -> None:
        """Count the request.

        Raises:
            RequestError: The caller has made too many.
        """
        self._caller = caller
        for name, amount in (("cost", 0), ("requests", 1)):
            await self._take(name, amount, "The")

    async def charge(self, cost: int, subject: str = "The request") -> None:
        """Count the cost of the request, or of a part of its work, which messages name.

        Raises:
            RequestError: The caller's requests have cost too much.
        """
        if cost:
            await self._take("cost", cost, f"{subject} costs {cost}, and the")

    def format_cost(self) -> dict[str, Any]:
        """Format what is left of the limit in cost, and when all is again, if there is one."""
        if self._cost is None:
            return {}
        seconds = self._cost.now + self._cost.seconds_until(self._cost.limit)
        reset_at = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
        return {"remaining": self._cost.left, "resetAt": reset_at.replace("+00:00", "Z")}

    async def _take(self, name: str, amount: int, subject: str) -> None:
        limit = self._limiter.limits.get(name)
        if limit is None:
            return
        taken = await self._limiter.take(name, self._caller, amount)
        if taken is None:
            return
        is_allowed, window = taken
        if name == "cost":
            self._cost = window
        wait = window.seconds_until(window.left + 1 if is_allowed else amount)
        self._left[name] = f"r={window.left};t={wait}"
        self.headers = self._format_headers()
        if not is_allowed:
            raise RequestError(
                Code.RATE_LIMITED,
                f"{subject} rate limit is {_describe(name, limit)}; try again in {wait} s.",
                {"retry-after": str(wait)},
            )

    def _format_headers(self) -> dict[str, str]:
        limits = {n: limit for n, limit in self._limiter.limits.items() if n in self._left}
        return {
            "ratelimit-policy": ", ".join(
                f'"{name}";q={limit.amount};w={limit.get_expiry()}'
                for name, limit in limits.items()
            ),
            "ratelimit": ", ".join(f'"{name}";{self._left[name]}' for name in limits),
        }


def identify_caller(principal: Principal | None, request: Request) -> str:
    """Return the name under which requests are counted.

    It is the principal's name, or without one the client's address. IPv6 addresses count by
    their /64 network, because a client usually has all addresses of one; those that stand for
    an IPv4 address (`::ffff:192.0.2.1`) count as that.
    """
    if principal is not None and principal.name is not None:
        return principal.name
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return f"address {host}"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if isinstance(address, IPv6Address):
        return f"network {int(address) >> 64:x}"
    return f"address {address}"


def _describe(name: str, limit: RateLimitItem) -> str:
    return f"a cost of {limit}" if name == "cost" else str(limit)


def _create_storage(pool: "ConnectionPool | None") -> MemoryStorage | RedisStorage:
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
