"""The keys with which an issuer signs: fetched off the event loop, kept, and rotated."""

import asyncio
import logging
import math
import time

from jwt import PyJWK, PyJWKClient, PyJWTError

_log = logging.getLogger(__name__)

_FRESH_SECONDS = 300
"""After this long, keys are fetched again, while requests go on using them."""
_PAUSE_SECONDS = 10
"""How long the issuer is left alone after a fetch that did not bring the key asked for: tokens
that name keys out of thin air must not become requests of ours."""
_TIMEOUT_SECONDS = 3


class KeysUnavailableError(Exception):
    """The issuer's keys could not be fetched, so that nothing can be said of its tokens."""


class SigningKeys:
    """The keys of one issuer."""

    def __init__(self, url: str) -> None:
        self._client = PyJWKClient(url, cache_jwk_set=False, timeout=_TIMEOUT_SECONDS)
        self._keys: dict[str, PyJWK] = {}
        self._fetched = self._missed = -math.inf
        self._fetching = asyncio.Lock()
        self._refresh: asyncio.Task[None] | None = None

    async def get(self, id_: str) -> PyJWK | None:
        """The key with an id; None where the issuer has none.

        Raises:
            KeysUnavailableError: where no keys were ever fetched, and cannot be.
        """
        if id_ not in self._keys:
            await self._fetch(id_)
        elif time.monotonic() - self._fetched > _FRESH_SECONDS and not self._fetching.locked():
            self._refresh = asyncio.create_task(self._fetch(id_))
        if not self._keys:
            raise KeysUnavailableError
        return self._keys.get(id_)

    async def _fetch(self, wanted: str) -> None:
        asked = time.monotonic()
        async with self._fetching:
            if self._fetched > asked or time.monotonic() - self._missed < _PAUSE_SECONDS:
                return
            try:
                keys = await asyncio.to_thread(self._client.get_signing_keys)
            except (PyJWTError, OSError, ValueError) as error:
                # An issuer may be away for a while: what it said before still holds.
                _log.warning("the issuer's keys cannot be fetched: %s", error)
                self._missed = time.monotonic()
                return
            self._keys = {key.key_id: key for key in keys if key.key_id}
            self._fetched = time.monotonic()
            if wanted not in self._keys:
                self._missed = self._fetched
