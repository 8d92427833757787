"""Derives the name of an artifact from its url, by the rules of the host that it is on."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from pydantic_core import Url

_Rule = Callable[[Sequence[str]], str]
"""Returns the name that segments of a path contain."""


@dataclass(frozen=True, slots=True)
class _Host:
    """The rules of a host by the beginning of the path; the longest counts, "" is any path."""

    rules: Mapping[str, _Rule]
    routes: frozenset[str] = frozenset()
    """Segments that are no part of a name, nor is what follows them."""
    first_route: int = 1
    """The first segment after the beginning that may be a route."""


def derive_name(url: str) -> str:
    """Return the name that a url contains, or an empty text if it contains none.

    The query and the fragment are not part of a name, and neither is what follows `.git`.

    Raises:
        ValueError: The url is invalid, or its path is not encoded as UTF-8.
    """
    parsed = Url(url)
    host = (parsed.host or "").lower().rstrip(".").removeprefix("www.")
    is_gitlab = host.startswith("gitlab.")
    rules = _HOSTS.get(host, _GITLAB if is_gitlab else _OTHER_HOST)
    path = (parsed.path or "").rstrip("/")
    if rules is _OTHER_HOST:
        path = _BRANCH.sub("", path)
    segments = list(_read_segments(path))
    start = _find_beginning(segments, rules)
    rest = segments[start:]
    end = _find_route(rest, rules)
    return rules.rules["/".join(segments[:start])](rest[:end])


def _read_segments(path: str) -> Iterator[str]:
    """Yield the decoded segments of a path that have a letter or digit, or are GitLab's `-`."""
    for encoded in path.split("/"):
        name, *git = _GIT.split(unquote(encoded, errors="strict").strip(), maxsplit=1)
        if name == "-" or any(character.isalnum() for character in name):
            yield name
        if git:
            return


def _find_beginning(segments: Sequence[str], host: _Host) -> int:
    """Return the number of segments of the longest beginning that has a rule."""
    counts = range(min(len(segments), _LONGEST_BEGINNING), 0, -1)
    return next((n for n in counts if "/".join(segments[:n]) in host.rules), 0)


def _find_route(segments: Sequence[str], host: _Host) -> int:
    """Return the number of segments before the first route."""
    places = range(host.first_route, len(segments))
    return next((n for n in places if segments[n] in host.routes), len(segments))


def _take(count: int | None = None, *, suffix: str = "") -> _Rule:
    """Return the rule that the first segments are the name; None: all."""
    return lambda segments: "/".join(segments[:count]).removesuffix(suffix)


def _take_last(segments: Sequence[str]) -> str:
    """Return the last segment that names something; of an encoded path, the last part."""
    named = [segment for segment in segments if segment.lower() not in _UNNAMED]
    last = (named or segments or [""])[-1]
    return last.rpartition("/")[2].strip()


def _take_archive(segments: Sequence[str]) -> str:
    return _take_last(segments).removesuffix(".zip")


def _take_unversioned(segments: Sequence[str]) -> str:
    """Return all segments but a number at the end."""
    is_versioned = len(segments) > 1 and segments[-1].isdecimal()
    return "/".join(segments[:-1] if is_versioned else segments)


_BRANCH = re.compile(r"/(?:-|(?:tree|blob|raw|resolve)/(?:main|master))(?:/.*)?$")
"""A branch in the url of a browser, of GitLab and others on hosts of their own."""
_GIT = re.compile(r"\.git(?=@|$)")
"""The end of a repository's url, after which pip takes a revision."""
_UNNAMED = frozenset({"download", "index.htm", "index.html", "index.php", "readme.md"})
_LONGEST_BEGINNING = 5
_ONE, _TWO, _ALL, _NONE, _PAPER = _take(1), _take(2), _take(), _take(0), _take(suffix=".pdf")

_OTHER_HOST = _Host({"": _take_last})
_GITHUB = _Host({"": _TWO, "repos": _TWO, "media": _TWO})
_GITEA = _Host({"": _TWO, "api/v1/repos": _TWO})
_BITBUCKET = _Host({"": _TWO, "2.0/repositories": _TWO})
_GITLAB = _Host(
    {"": _ALL, "groups": _ALL, "api": _NONE, "api/v4/projects": _ONE},
    # No project may have these names: https://docs.gitlab.com/user/reserved_names/
    frozenset(
        [
            "-",
            "badges",
            "blame",
            "blob",
            "builds",
            "commits",
            "create",
            "create_dir",
            "edit",
            "files",
            "find_file",
            "new",
            "preview",
            "raw",
            "refs",
            "tree",
            "update",
            "wikis",
        ]
    ),
    first_route=2,
)
_HUGGING_FACE = _Host(
    {
        **dict.fromkeys(("", "datasets", "spaces", "models", "collections", "blog"), _TWO),
        **dict.fromkeys(("api/datasets", "api/spaces", "api/models"), _TWO),
        **dict.fromkeys(("api/resolve-cache/datasets", "api/resolve-cache/models"), _TWO),
        **dict.fromkeys(("docs", "papers"), _ONE),
        "api": _NONE,
    },
    frozenset(
        [
            "blame",
            "blob",
            "commit",
            "commits",
            "croissant",
            "delete",
            "discussions",
            "edit",
            "parquet",
            "raw",
            "resolve",
            "revision",
            "settings",
            "tree",
            "upload",
            "viewer",
        ]
    ),
)
_KAGGLE = _Host(
    {
        **dict.fromkeys(("", "datasets", "models", "code", "kernels"), _TWO),
        **dict.fromkeys(("api/v1/datasets/download", "api/v1/datasets/view"), _TWO),
        **dict.fromkeys(("api/v1/models", "api/v1/kernels/pull"), _TWO),
        **dict.fromkeys(("c", "competitions"), _ONE),
        "api/v1/competitions/data/download-all": _ONE,
        "api": _NONE,
    }
)
_MODELSCOPE = _Host(
    {
        **dict.fromkeys(("", "models", "datasets", "studios"), _TWO),
        **dict.fromkeys(("api/v1/models", "api/v1/datasets"), _TWO),
        "api": _NONE,
    }
)
_OPENML = _Host(
    {
        "": _take_last,
        **dict.fromkeys(("d", "t", "f", "r", "api/v1/data", "api/v1/json/data"), _ONE),
        "search": _NONE,
    }
)
_ZENODO = _Host({"": _take_last, **dict.fromkeys(("api/records", "record", "records"), _ONE)})
_PYPI = _Host({"": _NONE, **dict.fromkeys(("project", "pypi", "simple"), _ONE)})
_ARXIV = _Host({"": _take_last, **dict.fromkeys(("abs", "html", "pdf"), _PAPER)})
_UCI = _Host(
    {"": _take_last, "ml/machine-learning-databases": _ONE, "static/public": _take_archive}
)
_PAPERS_WITH_CODE = _Host({"": _take_last, "dataset": _ONE, "paper": _ONE})
_MENDELEY = _Host({"": _take_last, "datasets": _ONE})
_HOSTS: Final[Mapping[str, _Host]] = {
    **dict.fromkeys(("github.com", "api.github.com", "gist.github.com"), _GITHUB),
    **dict.fromkeys(("ssh.github.com", "codeload.github.com", "raw.github.com"), _GITHUB),
    **dict.fromkeys(("raw.githubusercontent.com", "gist.githubusercontent.com"), _GITHUB),
    "media.githubusercontent.com": _GITHUB,
    "altssh.gitlab.com": _GITLAB,
    **dict.fromkeys(("codeberg.org", "dagshub.com", "gitea.com", "gitee.com"), _GITEA),
    **dict.fromkeys(("bitbucket.org", "api.bitbucket.org"), _BITBUCKET),
    "altssh.bitbucket.org": _BITBUCKET,
    **dict.fromkeys(("huggingface.co", "hf.co"), _HUGGING_FACE),
    "kaggle.com": _KAGGLE,
    **dict.fromkeys(("modelscope.ai", "modelscope.cn"), _MODELSCOPE),
    **dict.fromkeys(("openml.org", "api.openml.org"), _OPENML),
    **dict.fromkeys(("zenodo.org", "sandbox.zenodo.org"), _ZENODO),
    **dict.fromkeys(("pypi.org", "pypi.python.org", "test.pypi.org"), _PYPI),
    **dict.fromkeys(("arxiv.org", "export.arxiv.org"), _ARXIV),
    "archive.ics.uci.edu": _UCI,
    "paperswithcode.com": _PAPERS_WITH_CODE,
    "data.mendeley.com": _MENDELEY,
    "tfhub.dev": _Host({"": _take_unversioned}),
}
