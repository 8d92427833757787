"""The host check: protects a server that anonymous callers may write to from other websites.

Such a server listens on loopback only. But a website in a browser on the same machine can send
requests to it, with the website's own host name if that resolves to 127.0.0.1 (DNS rebinding).
"""

from ipaddress import ip_address

from starlette.requests import Request

from graph.errors import Code, RequestError


def check_host(request: Request) -> None:
    """Check that a browser uses a loopback host name; other clients may use any.

    Raises:
        RequestError: A browser uses another host name.
    """
    is_from_browser = "origin" in request.headers or "sec-fetch-site" in request.headers
    if is_from_browser and not _is_loopback(request.url.hostname or ""):
        raise RequestError(
            Code.FORBIDDEN,
            "Browsers must use localhost or 127.0.0.1 while anonymous callers may write; to use"
            " another host name, set AUTH_ANONYMOUS to none or read.",
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
