"""An OpenID Connect issuer on loopback, which signs tokens with any claims."""

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
def create_rsa_key(_: str = "ours") -> Key:
    """Return the key of a name; each is created only once, because that takes long."""
    return rsa.generate_private_key(65537, 2048)


def create_ec_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def to_jwk(key: Key) -> dict[str, Any]:
    """Convert the public part of a key to a JSON Web Key."""
    if isinstance(key, rsa.RSAPrivateKey):
        return RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return ECAlgorithm.to_jwk(key.public_key(), as_dict=True)


class Issuer:
    """Signs tokens, and counts how often its keys are fetched."""

    def __init__(self) -> None:
        self.name = NAME
        self.keys: dict[str, Key] = {"first": create_rsa_key()}
        self.fetches = 0
        self.is_up = True

    def claims(self, **changes: object) -> dict[str, Any]:
        """Return good claims with some changes; None leaves a claim out."""
        good = {
            "iss": self.name,
            "aud": AUDIENCE,
            "sub": "alice",
            "exp": time.time() + 600,
            "roles": ["write"],
        }
        return {k: v for k, v in {**good, **changes}.items() if v is not None}

    def sign_token(self, kid: str = "first", /, **changes: object) -> str:
        """Return a token that is signed with one of the keys."""
        key = self.keys[kid]
        algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
        return jwt.encode(
            self.claims(**changes), key, algorithm=algorithm, headers={"kid": kid}
        )

    def format_jwks(self) -> bytes:
        keys = [{**to_jwk(key), "kid": kid, "use": "sig"} for kid, key in self.keys.items()]
        return json.dumps({"keys": keys}).encode()


@contextmanager
def publish_keys(issuer: Issuer) -> Iterator[str]:
    """Serve an issuer's keys and its configuration; yield the URL of the keys."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.fetches += 1
            self.send_response(200 if issuer.is_up else 503)
            self.end_headers()
            is_jwks = self.path == "/jwks"
            content = issuer.format_jwks() if is_jwks else self.format_configuration()
            self.wfile.write(content if issuer.is_up else b"")

        def format_configuration(self) -> bytes:
            assert self.path == "/.well-known/openid-configuration"
            jwks_url = f"http://{self.headers['host']}/jwks"
            return json.dumps({"issuer": issuer.name, "jwks_uri": jwks_url}).encode()

        def log_message(self, *_: object) -> None:
            """Write no log."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/jwks"
        finally:
            server.shutdown()
            thread.join()
