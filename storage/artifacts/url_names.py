"""Derives the name of an artifact from its url, by the rules of the host that it is on."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from pydantic_core import Url

from storage.artifacts.url_hosts import OTHER_HOST, Host, find_host

_BRANCH = re.compile(r"/(?:-|(?:tree|blob|raw|resolve)/(?:main|master))(?:/.*)?$")
"""A branch in the url of a browser, of GitLab and others on hosts of their own."""
_GIT = re.compile(r"(?:\.wiki)?\.git(?=@|$)")
"""The end of the url of a repository or its wiki, after which pip takes a revision."""
_HUB_REVISION = re.compile(r"@.*")
"""The revision in urls of fsspec, and the path of a file after it."""
_AZURE = ".visualstudio.com"
"""The hosts of organizations in Azure DevOps, which begin its paths on its newer host."""
_LONGEST_BEGINNING = 5


def derive_name(url: str) -> str:
    """Return the name that a url contains, or an empty text if it contains none.

    The query and the fragment are not part of a name, and neither is what follows `.git`.

    Raises:
        ValueError: The url is invalid, or its path is not encoded as UTF-8.
    """
    parsed = Url(url)
    host, path = _find_place(parsed)
    rules = find_host(host)
    if rules is OTHER_HOST:
        path = _BRANCH.sub("", path)
    segments = list(_read_segments(path))
    start = _find_beginning(segments, rules)
    rest = segments[start:]
    end = _find_route(rest, rules)
    return rules.rules["/".join(segments[:start])](rest[:end])


def _find_place(url: Url) -> tuple[str, str]:
    """Return the host whose rules hold, and the path by which they name the artifact."""
    host = (url.host or "").lower().rstrip(".").removeprefix("www.")
    path = (url.path or "").rstrip("/")
    if url.scheme == "hf":
        return "huggingface.co", _HUB_REVISION.sub("", f"/{url.host}{path}")
    if host.endswith(_AZURE):
        return "dev.azure.com", f"/{host.removesuffix(_AZURE)}{path}"
    return host, path


def _read_segments(path: str) -> Iterator[str]:
    """Yield the decoded segments of a path that have a letter or digit, or are GitLab's `-`."""
    for encoded in path.split("/"):
        name, *git = _GIT.split(unquote(encoded, errors="strict").strip(), maxsplit=1)
        if name == "-" or any(character.isalnum() for character in name):
            yield name
        if git:
            return


def _find_beginning(segments: Sequence[str], host: Host) -> int:
    """Return the number of segments of the longest beginning that has a rule."""
    counts = range(min(len(segments), _LONGEST_BEGINNING), 0, -1)
    return next((n for n in counts if "/".join(segments[:n]) in host.rules), 0)


def _find_route(segments: Sequence[str], host: Host) -> int:
    """Return the number of segments before the first route."""
    places = range(host.first_route, len(segments))
    return next((n for n in places if segments[n] in host.routes), len(segments))
