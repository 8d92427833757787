"""Requests are signed exactly as botocore signs them."""

from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.credentials import ReadOnlyCredentials

from storage.dynamodb.client.signing import Signer
from storage.dynamodb.client.transport import SignableRequest

HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "Host": "dynamodb.us-east-2.amazonaws.com",
    "User-Agent": "Boto3/1.0",
    "X-Amz-Target": "DynamoDB_20120810.Query",
}


def _request(token: str | None) -> Any:
    headers: Any = {**HEADERS, **({"X-Amz-Security-Token": token} if token else {})}
    url = f"https://{HEADERS['Host']}/"
    context = {"timestamp": "20300102T030405Z"}
    return SignableRequest("POST", url, headers, b"{}", stream_output=True, context=context)


@pytest.mark.parametrize("secret", ["one", "other"])
@pytest.mark.parametrize("token", [None, "token "])
def test_signature_is_that_of_botocore(secret: str, token: str | None) -> None:
    credentials = ReadOnlyCredentials("access-key", secret, token)
    ours: Any = Signer(credentials, "us-east-2")
    theirs: Any = SigV4Auth(credentials, "dynamodb", "us-east-2")
    request = _request(token)

    canonical = theirs.canonical_request(request)
    assert ours.canonical_request(request) == canonical
    text = theirs.string_to_sign(request, canonical)
    assert ours.signature(text, request) == theirs.signature(text, request)


def test_key_is_that_of_the_day() -> None:
    credentials = ReadOnlyCredentials("access-key", "secret", None)
    signer = Signer(credentials, "us-east-2")
    request = _request(None)
    first = signer.signature("text", request)
    request.context["timestamp"] = "20300103T000000Z"
    assert signer.signature("text", request) != first
