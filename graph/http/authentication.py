"""Authentication of requests, each of which counts for its caller."""

from starlette.requests import Request

from graph.auth.authenticator import Authenticator, Principal
from graph.errors import RequestError
from graph.limits.rate_limit import RequestRate, identify_caller


async def authenticate(
    request: Request, authenticator: Authenticator, rate: RequestRate
) -> Principal:
    """Return the principal of a request, and count the request.

    Raises:
        RequestError: The token is not valid, or the caller has sent too many requests.
    """
    try:
        principal = await authenticator.authenticate(request.headers.getlist("authorization"))
    except RequestError:
        # Wrong tokens count too, or they could be guessed at any rate.
        await rate.count(identify_caller(None, request))
        raise
    await rate.count(identify_caller(principal, request))
    return principal
