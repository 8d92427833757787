"""The host check: which names and addresses of the server requests may use.

A website in a browser can send requests with the website's own host name to this server, if
that name resolves to its address (DNS rebinding). To the browser they are requests to the
website itself, so it lets the website read the responses.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.requests import Request
from starlette.responses import Response

from graph.errors import Code, RequestError

Respond = Callable[[Request], Awaitable[Response]]

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:/?#@\\\[\]]+)(?::\d{0,5})?")
_LOCAL_ONLY = (
    "The Host header must be localhost or a loopback address while anonymous callers may write;"
    " to use another host name, set ALLOWED_HOSTS to it, or AUTH_ANONYMOUS to none or read."
)
_NOT_ALLOWED = "The Host header is not one of ALLOWED_HOSTS."


class HostCheck:
    """Checks the `Host` headers of requests.

    With a list of allowed hosts, only these are accepted. Otherwise, while anonymous callers
    may write, only loopback names and addresses and that to which the request was sent are.
    """

    def __init__(self, allowed_hosts: Iterable[str], *, is_local_only: bool) -> None:
        self._allowed_hosts = frozenset(allowed_hosts)
        self._is_local_only = is_local_only

    def check(self, request: Request) -> None:
        """Check the host of a request.

        Raises:
            RequestError: It is not accepted.
        """
        if self._allowed_hosts:
            if not self._is_allowed(_read_host(request)):
                raise RequestError(Code.FORBIDDEN, _NOT_ALLOWED)
        elif self._is_local_only and not _is_local(_read_host(request), request):
            raise RequestError(Code.FORBIDDEN, _LOCAL_ONLY)

    def guard(self, respond: Respond) -> Respond:
        """Return the handler of a route, with this check before it."""

        async def check_and_respond(request: Request) -> Response:
            self.check(request)
            return await respond(request)

        return check_and_respond

    def _is_allowed(self, host: str) -> bool:
        parents = (f"*{host[i:]}" for i, character in enumerate(host) if character == ".")
        return host in self._allowed_hosts or any(p in self._allowed_hosts for p in parents)


def _read_host(request: Request) -> str:
    """Return the host without its port, in lower case; empty if there is not exactly one."""
    headers = request.headers.getlist("host")
    match = _HOST.fullmatch(headers[0].lower()) if len(headers) == 1 else None
    return match[1].strip("[]").removesuffix(".") if match else ""


def _is_local(host: str, request: Request) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _parse_address(host)
    if address is None:
        return False
    server = request.scope.get("server")
    return address.is_loopback or address == _parse_address(server[0] if server else "")


def _parse_address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address
