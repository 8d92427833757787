"""The check against cross-site request forgery: other websites cannot make the server work.

A browser sends a GET for any website, without asking the server first. A POST needs no check:
it must be JSON, which websites can send only after a CORS preflight, as they can a header.
"""

from collections.abc import Collection

from starlette.requests import Request

from graph.auth.origins import is_allowed
from graph.errors import Code, RequestError

HEADER = "x-graphql-csrf"
_OWN_SITES = ("none", "same-origin")
"""The values of `Sec-Fetch-Site` for what the user opened, and for the server's own pages."""


def check_site(request: Request, trusted_origins: Collection[str] = ()) -> None:
    """Check that a request is no other website's, or that the website is trusted.

    Raises:
        RequestError: It may be another website's, and has no header that only trusted ones set.
    """
    sites = request.headers.getlist("sec-fetch-site")
    if all(site in _OWN_SITES for site in sites) or HEADER in request.headers:
        return
    if is_allowed(request.headers.get("origin"), trusted_origins):
        return
    raise RequestError(
        Code.FORBIDDEN,
        f"Other websites cannot send queries with GET; use POST, or send the header {HEADER}.",
    )
