"""Whom the endpoint lets in: those who may ask, have not asked too much, and find a place."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from starlette.requests import Request

from graph.auth.authenticator import Authenticator, Principal
from graph.auth.roles import Role
from graph.errors import RequestError
from graph.http.host_check import check_host
from graph.limits.concurrency import ConcurrencyLimit
from graph.limits.rate_limit import RateLimiter, name_of


@dataclass(frozen=True, slots=True)
class Entrance:
    """Tells callers, counts their requests, and gives them places."""

    callers: Authenticator
    local_only: bool
    """Whether it is for this machine alone."""
    quota: RateLimiter | None
    admission: ConcurrencyLimit

    async def caller(self, request: Request, fields: dict[str, str]) -> Principal:
        """Who asks; adds to the answer's fields what is to be told of the caller's quota.

        Raises:
            RequestError: where the request is refused.
        """
        if self.local_only:
            check_host(request)
        try:
            caller = await self.callers.of(request.headers.getlist("authorization"))
        except RequestError:
            await self._count(request, None)  # or wrong tokens could be tried at any rate
            raise
        fields |= await self._count(request, caller)
        caller.require(Role.READ)
        return caller

    def place(self) -> AbstractContextManager[None]:
        """A place among the requests that are worked on.

        Raises:
            RequestError: where there is none left.
        """
        return self.admission.place()

    async def _count(self, request: Request, caller: Principal | None) -> Mapping[str, str]:
        return await self.quota.take(name_of(caller, request)) if self.quota else {}
