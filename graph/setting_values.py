"""Rules for the values of settings: host names, the URL of Redis, and the root path."""

import re
from importlib.util import find_spec
from urllib.parse import urlsplit

_HOST_NAME = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f:.]+")
"""A host name, `*.` and a host name, or an address."""
_ROOT_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")
OWN_PATHS = ("explorer", "graphql", "livez", "readyz", "schema.graphql")
"""The first segments of the paths that the server has itself."""


def check_host_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return host names in lower case, and addresses without brackets.

    Raises:
        ValueError: One is neither.
    """
    hosts = tuple(name.lower().strip("[]") for name in names)
    for host in hosts:
        if not _HOST_NAME.fullmatch(host):
            raise ValueError(f"{host!r} is not a host name; leave out scheme, port and path")
    return hosts


def check_redis_url(url: str) -> str:
    """Return the URL of a Redis.

    Raises:
        ValueError: It is none, or the package for it is not installed.
    """
    if urlsplit(url).scheme not in ("redis", "rediss"):
        raise ValueError("must be a redis:// or rediss:// URL")
    if find_spec("redis") is None:
        raise ValueError(
            "the package redis is not installed; run pip install 'artifact-registry[redis]'"
        )
    return url


def check_root_path(path: str) -> str:
    """Return the path below which a proxy has the server.

    Raises:
        ValueError: It is no path, or paths of the server could be mistaken for it.
    """
    if not _ROOT_PATH.fullmatch(path) or {".", ".."} & {*path.split("/")}:
        raise ValueError(
            f"{path!r} is not a path such as /registry, without a slash at the end"
        )
    if path.split("/")[1] in OWN_PATHS:
        raise ValueError(f"{path!r} begins as a path of the server itself; use another one")
    return path
