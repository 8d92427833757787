"""The JSON Web Key Set of an issuer: fetched off the event loop, cached and refreshed."""

import asyncio
import logging
import math
import time

from jwt import PyJWK, PyJWKClient, PyJWTError

_log = logging.getLogger(__name__)

_FRESH_SECONDS = 300
"""The age at which keys are fetched again; requests use the cached keys meanwhile."""
_PAUSE_SECONDS = 10
"""The pause after a fetch that failed or did not return the requested key: unknown key ids
must not trigger a fetch each."""
_TIMEOUT_SECONDS = 3


class KeysUnavailableError(Exception):
    """The issuer's keys have never been fetched, so that its tokens cannot be verified."""


class SigningKeys:
    """The public keys of one issuer, by their ids."""

    def __init__(self, url: str) -> None:
        self._client = PyJWKClient(url, cache_jwk_set=False, timeout=_TIMEOUT_SECONDS)
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = self._missed_at = -math.inf
        self._fetch_lock = asyncio.Lock()
        self._refresh: asyncio.Task[None] | None = None

    async def get_key(self, key_id: str) -> PyJWK | None:
        """Return a key, or None if the issuer has no such key.

        Raises:
            KeysUnavailableError: No keys could be fetched so far.
        """
        if key_id not in self._keys:
            await self._fetch(key_id)
        elif self._is_stale() and not self._fetch_lock.locked():
            self._refresh = asyncio.create_task(self._fetch(key_id))
        if not self._keys:
            raise KeysUnavailableError
        return self._keys.get(key_id)

    def _is_stale(self) -> bool:
        return time.monotonic() - self._fetched_at > _FRESH_SECONDS

    async def _fetch(self, key_id: str) -> None:
        requested_at = time.monotonic()
        async with self._fetch_lock:
            has_been_fetched = self._fetched_at > requested_at
            if has_been_fetched or time.monotonic() - self._missed_at < _PAUSE_SECONDS:
                return
            try:
                keys = await asyncio.to_thread(self._client.get_signing_keys)
            except (PyJWTError, OSError, ValueError) as error:
                # The cached keys stay valid while the issuer cannot be reached.
                _log.warning("cannot fetch the issuer's keys: %s", error)
                self._missed_at = time.monotonic()
                return
            self._keys = {key.key_id: key for key in keys if key.key_id}
            self._fetched_at = time.monotonic()
            if key_id not in self._keys:
                self._missed_at = self._fetched_at
