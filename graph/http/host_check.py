"""The host check: which names and addresses of the server requests may use.

A website in a browser can send requests with the website's own host name to this server, if
that name resolves to its address (DNS rebinding). To the browser they are requests to the
website itself, so it lets the website read the responses.
"""

import logging
import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from graph.errors import Code, RequestError
from graph.http.response import to_error_response

_log = logging.getLogger(__name__)

_EXEMPT_PATHS = ("/livez", "/readyz")
"""Load balancers address them by changing addresses."""
_MAX_LOGGED = 100
_MAX_HOST = 300
"""The characters of a `Host` header: names have at most 253."""
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:/?#@\\\[\]]+)(?::\d{0,5})?")
_LOCAL_ONLY = (
    "The Host header must be localhost or a loopback address while anonymous callers may write;"
    " to use another host name, set ALLOWED_HOSTS to it, or AUTH_ANONYMOUS to none or read."
)
_NOT_ALLOWED = "The Host header is not one of ALLOWED_HOSTS."


class HostCheckMiddleware:
    """Checks the `Host` headers of all requests except health checks.

    With a list of allowed hosts, only these are accepted. Otherwise, while anonymous callers
    may write, only loopback names and addresses and that to which the request was sent are.
    """

    def __init__(
        self, app: ASGIApp, allowed_hosts: Iterable[str], *, is_local_only: bool
    ) -> None:
        self._app = app
        self._allowed_hosts = frozenset(allowed_hosts)
        self._is_local_only = is_local_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, or respond with an error if its host is not accepted."""
        message = None
        if scope["type"] == "http" and not _is_exempt(scope):
            message = self._find_problem(Request(scope))
        if message is None:
            await self._app(scope, receive, send)
            return
        hosts = ", ".join(Headers(scope=scope).getlist("host"))
        _log.info("rejected a request for the host %r", hosts[:_MAX_LOGGED])
        response = to_error_response(RequestError(Code.FORBIDDEN, message), {})
        await response(scope, receive, send)

    def _find_problem(self, request: Request) -> str | None:
        if self._allowed_hosts:
            return None if self._is_allowed(_read_host(request)) else _NOT_ALLOWED
        if self._is_local_only and not _is_local(_read_host(request), request):
            return _LOCAL_ONLY
        return None

    def _is_allowed(self, host: str) -> bool:
        parents = (f"*{host[i:]}" for i, character in enumerate(host) if character == ".")
        return host in self._allowed_hosts or any(p in self._allowed_hosts for p in parents)


def _is_exempt(scope: Scope) -> bool:
    return scope["path"].removeprefix(scope.get("root_path", "")) in _EXEMPT_PATHS


def _read_host(request: Request) -> str:
    """Return the host without its port, in lower case; empty if there is not exactly one."""
    headers = request.headers.getlist("host")
    is_one = len(headers) == 1 and len(headers[0]) <= _MAX_HOST
    match = _HOST.fullmatch(headers[0].lower()) if is_one else None
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
