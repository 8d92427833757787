"""The JSON Web Key Set of an issuer: fetched off the event loop, cached and refreshed."""

import asyncio
import json
import logging
import math
import time
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

from jwt import PyJWK, PyJWKClient, PyJWTError

from graph.auth.issuers import check_url

_log = logging.getLogger(__name__)

_FRESH_SECONDS = 300
"""The age at which keys are fetched again; requests use the cached keys meanwhile."""
_MAX_AGE_SECONDS = 3_600
"""The age at which keys are no longer used: one that was revoked must come to an end."""
_PAUSE_SECONDS = 10
"""The pause after a fetch that failed or did not return the requested key: unknown key ids
must not trigger a fetch each."""
_TIMEOUT_SECONDS = 3
_MAX_BYTES = 1_000_000


class KeysUnavailableError(Exception):
    """The issuer's keys could not be fetched lately, so that its tokens cannot be verified."""


class SigningKeys:
    """The public keys of one issuer, by their ids.

    Without the URL of the keys, the issuer's own configuration says it.
    """

    def __init__(
        self, issuer: str, url: str | None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer = issuer
        self._url = url
        self._monotonic = monotonic
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = self._missed_at = -math.inf
        self._fetch_lock = asyncio.Lock()
        self._refresh: asyncio.Task[None] | None = None

    async def get_key(self, key_id: str) -> PyJWK | None:
        """Return a key, or None if the issuer has no such key.

        Raises:
            KeysUnavailableError: No keys could be fetched for an hour, or so far.
        """
        if key_id not in self._keys or self._is_older_than(_MAX_AGE_SECONDS):
            await self._fetch(key_id)
        elif self._is_older_than(_FRESH_SECONDS) and not self._fetch_lock.locked():
            self._refresh = asyncio.create_task(self._fetch(key_id))
        if self._is_older_than(_MAX_AGE_SECONDS):
            raise KeysUnavailableError
        return self._keys.get(key_id)

    def _is_older_than(self, seconds: float) -> bool:
        return self._monotonic() - self._fetched_at > seconds

    async def _fetch(self, key_id: str) -> None:
        requested_at = self._monotonic()
        async with self._fetch_lock:
            has_been_fetched = self._fetched_at > requested_at
            if has_been_fetched or self._monotonic() - self._missed_at < _PAUSE_SECONDS:
                return
            try:
                keys = await asyncio.to_thread(self._read_keys)
            except (PyJWTError, OSError, ValueError) as error:
                # The cached keys stay valid for an hour while the issuer cannot be reached.
                _log.warning("cannot fetch the keys of %s: %s", self._issuer, error)
                self._missed_at = self._monotonic()
                return
            self._keys = {key.key_id: key for key in keys if key.key_id}
            self._fetched_at = self._monotonic()
            if key_id not in self._keys:
                self._missed_at = self._fetched_at

    def _read_keys(self) -> list[PyJWK]:
        url = self._url or _discover_url(self._issuer)
        client = PyJWKClient(url, cache_jwk_set=False, timeout=_TIMEOUT_SECONDS)
        return client.get_signing_keys()


def _discover_url(issuer: str) -> str:
    """Return the URL of an issuer's keys, as its configuration says it.

    Source: OpenID Connect Discovery 1.0, section 4.

    Raises:
        OSError, ValueError: It cannot be read, or it is the configuration of another issuer.
    """
    url = issuer.rstrip("/") + "/.well-known/openid-configuration"
    with urlopen(url, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310 - checked by the settings
        configuration: Any = json.loads(response.read(_MAX_BYTES))
    if not isinstance(configuration, dict) or configuration.get("issuer") != issuer:
        raise ValueError(f"{url} is not the configuration of this issuer")
    return check_url(str(configuration.get("jwks_uri")))
