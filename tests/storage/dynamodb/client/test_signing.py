"""Requests are signed as botocore signs them."""

from datetime import UTC, datetime

import botocore.auth
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from storage.dynamodb.client.signing import Signer

KEYS = st.text("abcXYZ019/+=", min_size=1, max_size=40)
ENDPOINTS = st.sampled_from(
    [
        "https://dynamodb.us-east-2.amazonaws.com/",
        "https://localhost:443/",
        "http://127.0.0.1:8000/",
        "http://[::1]:8000/",
        "http://localhost:80/under/a%20path/",
    ]
)


@given(
    url=ENDPOINTS,
    region=st.sampled_from(["us-east-2", "eu-central-1"]),
    body=st.binary(max_size=200),
    credentials=st.builds(ReadOnlyCredentials, KEYS, KEYS, st.none() | KEYS, st.none()),
)
def test_signatures_are_botocores(
    url: str, region: str, body: bytes, credentials: ReadOnlyCredentials
) -> None:
    headers = Signer(url, region).headers("DynamoDB_20120810.Query", body, credentials)

    signed = headers.pop("Authorization")
    request = AWSRequest("POST", url, headers, body)
    with pytest.MonkeyPatch.context() as patch:
        made = datetime.strptime(headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        patch.setattr(botocore.auth, "get_current_datetime", lambda: made)
        SigV4Auth(credentials, "dynamodb", region).add_auth(request)
    assert signed == request.headers["Authorization"]
