"""Servers that accept static tokens, or the tokens of an issuer."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from graph.settings import Settings
from tests.graph.auth.credentials import TOKENS
from tests.graph.clients import serving
from tests.graph.oidc_issuer import AUDIENCE, NAME, Issuer, publish_keys
from tests.graph.recording_store import RecordingStore


@pytest.fixture
async def token_http(recorded: RecordingStore) -> AsyncIterator[httpx.AsyncClient]:
    """A server that accepts one static token of each role, and no anonymous callers."""
    settings = Settings(auth_tokens=tuple(entry for _, entry in TOKENS.values()))
    async with serving(recorded, settings) as http:
        yield http


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def jwks_url(issuer: Issuer) -> Iterator[str]:
    with publish_keys(issuer) as url:
        yield url


@pytest.fixture
async def issuer_http(
    recorded: RecordingStore, jwks_url: str
) -> AsyncIterator[httpx.AsyncClient]:
    """A server that accepts the tokens of the issuer, and no anonymous callers."""
    settings = Settings(auth_issuer=NAME, auth_audience=(AUDIENCE,), auth_jwks_url=jwks_url)
    async with serving(recorded, settings) as http:
        yield http
