"""The OpenID Connect issuers whose tokens are accepted, and the rules for their tokens."""

import json
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from graph.auth.roles import Role

_FAMILIES = ("RS", "PS", "ES")
ALGORITHMS = (*(f"{family}{bits}" for family in _FAMILIES for bits in (256, 384, 512)), "EdDSA")
"""The supported algorithms: those that verify with a public key, none with a shared secret."""
DEFAULT_ALGORITHMS = ("RS256", "ES256")
DEFAULT_ROLES_CLAIM = ("roles",)
_GITHUB = "https://token.actions.githubusercontent.com"
_OWNER_CLAIMS = frozenset({"repository_owner", "repository_owner_id", "repository_id"})
"""Claims of GitHub's tokens that only a repository's owners decide."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def check_url(url: str) -> str:
    """Return the url of an issuer or its keys if it is safe to ask.

    Raises:
        ValueError: It is neither an https:// URL nor one of this machine.
    """
    parts = urlsplit(url)
    is_local = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not parts.hostname or (parts.scheme != "https" and not is_local):
        raise ValueError("must be an https:// URL; http:// is allowed only for localhost")
    return url


def _split_words(text: object) -> object:
    return tuple(text.replace(",", " ").split()) if isinstance(text, str) else text


def _split_pairs(text: object) -> object:
    """Return the pairs of a text such as `a=1,b=2`; a name may have several values."""
    if not isinstance(text, str):
        return text
    pairs: dict[str, list[str]] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, separator, value = (each.strip() for each in part.partition("="))
        if not (name and separator and value):
            raise ValueError("must be pairs such as a=1,b=2")
        pairs.setdefault(name, []).append(value)
    return pairs


def _to_roles(text: object) -> object:
    pairs = _split_pairs(text)
    if not isinstance(text, str) or not isinstance(pairs, dict):
        return pairs
    return {name: values[-1] for name, values in pairs.items()}


def _check_algorithms(names: tuple[str, ...]) -> tuple[str, ...]:
    unsupported = [name for name in names if name not in ALGORITHMS]
    if unsupported or not names:
        problem = f"{unsupported[0]} is not supported" if unsupported else "is empty"
        raise ValueError(f"{problem}; use one or more of {', '.join(ALGORITHMS)}")
    return names


Words = Annotated[tuple[str, ...], BeforeValidator(_split_words)]
Algorithms = Annotated[Words, AfterValidator(_check_algorithms)]
RoleMapping = Annotated[Mapping[str, Role], BeforeValidator(_to_roles)]
RequiredClaims = Annotated[Mapping[str, tuple[str, ...]], BeforeValidator(_split_pairs)]
HttpsUrl = Annotated[str, AfterValidator(check_url)]


class Issuer(BaseModel, frozen=True, extra="forbid"):
    """An issuer. Claims are named by their paths, such as `realm_access.roles`."""

    issuer: HttpsUrl
    audience: Annotated[Words, Field(min_length=1)]
    jwks_url: HttpsUrl | None = None
    """The URL of its keys; by default its own configuration says it."""
    algorithms: Algorithms = DEFAULT_ALGORITHMS
    roles_claim: Words = DEFAULT_ROLES_CLAIM
    """The claims that hold roles, or what is mapped to them."""
    roles: RoleMapping = {}
    """The roles of values of these claims; if empty, the values are the names of roles."""
    required_claims: RequiredClaims = {}
    """Claims that a token must have, with one of these values."""

    @property
    def warning(self) -> str | None:
        """A warning if this issuer accepts the tokens of strangers; None if not."""
        claims = {*self.required_claims, *(self.roles_claim if self.roles else ())}
        if self.issuer.rstrip("/") != _GITHUB or claims & _OWNER_CLAIMS:
            return None
        if "repository" in claims:  # it holds the owner's name, too
            return None
        return (
            f"{_GITHUB} signs tokens for every user of GitHub, with the audience that they ask "
            "for: require a claim that says whose they are, such as repository_owner=acme"
        )


def read_claim(claims: Mapping[str, Any], path: str) -> list[str]:
    """Return the value of a claim as text, or those of a list; none if it is missing.

    `path` is the name of a claim, or names with dots between them that lead to it. Booleans and
    whole numbers are texts as in JSON.
    """
    value = _find_claim(claims, path)
    values = value if isinstance(value, list) else [value]
    texts = [json.dumps(each) if isinstance(each, int) else each for each in values]
    return [text for text in texts if isinstance(text, str)]


def read_words(claims: Mapping[str, Any], path: str) -> list[str]:
    """Return the values of a claim, as `read_claim`, and the words of one text, as in `scope`.

    Values of a list are not split: a group may be named "no admin".
    """
    values = read_claim(claims, path)
    is_one_text = isinstance(_find_claim(claims, path), str)
    return [*values, *values[0].split()] if is_one_text else values


def _find_claim(claims: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401 - any JSON
    value: Any = claims
    for name in (path,) if path in claims else path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
