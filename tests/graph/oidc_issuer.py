"""An OpenID Connect issuer on loopback: it signs what it is told to, and publishes its keys."""

import functools
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

NAME = "https://issuer.example"
AUDIENCE = "registry"

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@functools.cache
def rsa_key(_: str = "ours") -> Key:
    """A key, made once for each name: that takes long."""
    return rsa.generate_private_key(65537, 2048)


def ec_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def public(key: Key) -> dict[str, Any]:
    """The key as the issuer publishes it."""
    if isinstance(key, rsa.RSAPrivateKey):
        return RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return ECAlgorithm.to_jwk(key.public_key(), as_dict=True)


class Issuer:
    """Signs tokens, and counts how often its keys are asked for."""

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {"first": rsa_key()}
        self.fetches = 0
        self.up = True

    def claims(self, **changed: object) -> dict[str, Any]:
        """Good claims, but for what is changed; None leaves one out."""
        good = {
            "iss": NAME,
            "aud": AUDIENCE,
            "sub": "alice",
            "exp": time.time() + 600,
            "roles": ["write"],
        }
        return {k: v for k, v in {**good, **changed}.items() if v is not None}

    def token(self, kid: str = "first", /, **changed: object) -> str:
        """A token signed with one of its keys."""
        key = self.keys[kid]
        algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
        return jwt.encode(
            self.claims(**changed), key, algorithm=algorithm, headers={"kid": kid}
        )

    def published(self) -> bytes:
        keys = [{**public(key), "kid": kid, "use": "sig"} for kid, key in self.keys.items()]
        return json.dumps({"keys": keys}).encode()


@contextmanager
def publishing(issuer: Issuer) -> Iterator[str]:
    """Publish an issuer's keys, at the url that this gives."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.fetches += 1
            self.send_response(200 if issuer.up else 503)
            self.end_headers()
            self.wfile.write(issuer.published() if issuer.up else b"")

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/jwks"
        finally:
            server.shutdown()
            thread.join()
