"""Signs requests with botocore's Signature Version 4, keeping what those of a day share."""

import hmac
from functools import lru_cache
from typing import Any

from botocore.auth import SIGNED_HEADERS_BLACKLIST, SigV4Auth
from botocore.credentials import ReadOnlyCredentials

_SERVICE = "dynamodb"


class Signer(SigV4Auth):
    """Signs requests to DynamoDB whose headers, `Host` among them, have one value each.

    botocore collects the headers in an email message, twice, and derives the key of the day
    for each request, which takes two thirds of the CPU time of a signature.
    """

    def __init__(self, credentials: ReadOnlyCredentials, region: str) -> None:
        super().__init__(credentials, _SERVICE, region)
        self._region = region

    def headers_to_sign(self, request: Any) -> Any:  # noqa: ANN401 - botocore's signature
        """Return the values of the headers by their names in lower case, sorted."""
        headers = {name.lower(): value.strip() for name, value in request.headers.items()}
        return {
            name: headers[name]
            for name in sorted(headers)
            if name not in SIGNED_HEADERS_BLACKLIST
        }

    def canonical_headers(self, headers_to_sign: Any) -> str:  # noqa: ANN401 - likewise
        """Return a line for each header."""
        return "\n".join(f"{name}:{value}" for name, value in headers_to_sign.items())

    def signed_headers(self, headers_to_sign: Any) -> str:  # noqa: ANN401 - likewise
        """Return the names of the headers."""
        return ";".join(headers_to_sign)

    def signature(self, string_to_sign: str, request: Any) -> str:  # noqa: ANN401 - likewise
        """Return the signature, made with the key of the request's day."""
        day = request.context["timestamp"][:8]
        key = _signing_key(self.credentials.secret_key, day, self._region)
        return hmac.digest(key, string_to_sign.encode(), "sha256").hex()


@lru_cache(maxsize=4)
def _signing_key(secret: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (day, region, _SERVICE, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
