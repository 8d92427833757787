"""Keeps pages of other sites away from a server on which everybody may change something.

Such a server listens on loopback only, but a browser on the same machine reaches it for
whatever page it shows, under any name that the page's owner lets point to 127.0.0.1.
"""

from ipaddress import ip_address

from starlette.requests import Request

from graph.errors import Code, RequestError


def check_host(request: Request) -> None:
    """Let a browser pass only under a name of this machine's own.

    Raises:
        RequestError: where it uses another one.
    """
    from_a_browser = "origin" in request.headers or "sec-fetch-site" in request.headers
    if from_a_browser and not _is_loopback(request.url.hostname or ""):
        raise RequestError(
            Code.FORBIDDEN,
            "While AUTH_ANONYMOUS lets everybody write, browsers have to use 127.0.0.1 or"
            " localhost.",
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
