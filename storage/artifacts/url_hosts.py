"""The rules by which urls name artifacts, per host."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

Rule = Callable[[Sequence[str]], str]
"""Returns the name that segments of a path contain."""


@dataclass(frozen=True, slots=True)
class Host:
    """The rules of a host by the beginning of the path; the longest counts, "" is any path."""

    rules: Mapping[str, Rule]
    routes: frozenset[str] = frozenset()
    """Segments that are no part of a name, nor is what follows them."""
    first_route: int = 1
    """The first segment after the beginning that may be a route."""


def find_host(host: str) -> Host:
    """Return the rules of a host, in lower case and without `www.`."""
    if found := _HOSTS.get(host):
        return found
    return next((rules for start, rules in _SELF_HOSTED if host.startswith(start)), OTHER_HOST)


def _take(count: int | None = None, *, suffix: str = "") -> Rule:
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


def _take_number(segments: Sequence[str]) -> str:
    """Return the first segment that is a number, else the last one."""
    return next((each for each in segments if each.isdecimal()), _take_last(segments))


def _take_zenodo_doi(segments: Sequence[str]) -> str:
    """Return the number of the record, as in the url of its page."""
    return _take_last(segments).removeprefix("zenodo.")


def _take_azure(segments: Sequence[str]) -> str:
    """Return `organization/project/repository`; a project may be left out."""
    if "_git" not in segments:
        return _TWO(segments)
    place = segments.index("_git")
    owner = [each for each in segments[:place] if each != "DefaultCollection"]
    repository = segments[place + 1 : place + 2]
    return "/".join([*owner[:1], *(owner[1:2] or repository), *repository])


def _take_server_repository(segments: Sequence[str]) -> str:
    """Return `project/repository` of `project/repos/repository`, as Bitbucket writes it."""
    return "/".join([*segments[:1], *segments[2:3]])


_UNNAMED = frozenset({"download", "index.htm", "index.html", "index.php", "readme.md"})
_ONE, _TWO, _ALL, _NONE, _PAPER = _take(1), _take(2), _take(), _take(0), _take(suffix=".pdf")

OTHER_HOST = Host({"": _take_last, **dict.fromkeys(("dataset.xhtml", "file.xhtml"), _NONE)})
"""The pages of Dataverse, on hosts of their own, have the identifier in the query."""
_NOTEBOOKS = Host({"": _take_last, **dict.fromkeys(("gist", "github", "v2/gh"), _TWO)})
_AZURE = Host({"": _take_azure, **dict.fromkeys(("v3", "vs-ssh/v3"), _take(3))})
_BITBUCKET_SERVER = Host(
    {
        **dict.fromkeys(("", "scm"), _TWO),
        **dict.fromkeys(("projects", "users"), _take_server_repository),
        **dict.fromkeys(
            ("rest/api/1.0/projects", "rest/api/latest/projects"), _take_server_repository
        ),
    }
)
_GITHUB = Host({"": _TWO, "repos": _TWO, "media": _TWO})
_GITEA = Host({"": _TWO, "api/v1/repos": _TWO})
_BITBUCKET = Host({"": _TWO, "2.0/repositories": _TWO})
_GITLAB = Host(
    {
        **dict.fromkeys(("", "groups"), _ALL),
        **dict.fromkeys(("-/snippets", "api/v4/projects"), _ONE),
        "api": _NONE,
    },
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
_HUGGING_FACE = Host(
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
_KAGGLE = Host(
    {
        **dict.fromkeys(("", "datasets", "models", "code", "kernels"), _TWO),
        **dict.fromkeys(("api/v1/datasets/download", "api/v1/datasets/view"), _TWO),
        **dict.fromkeys(("api/v1/models", "api/v1/kernels/pull"), _TWO),
        **dict.fromkeys(("c", "competitions"), _ONE),
        "api/v1/competitions/data/download-all": _ONE,
        "api": _NONE,
    }
)
_MODELSCOPE = Host(
    {
        **dict.fromkeys(("", "models", "datasets", "studios"), _TWO),
        **dict.fromkeys(("api/v1/models", "api/v1/datasets"), _TWO),
        "api": _NONE,
    }
)
_OPENML = Host(
    {
        "": _take_last,
        **dict.fromkeys(("d", "t", "f", "r", "api/v1/data", "api/v1/json/data"), _ONE),
        "search": _NONE,
    }
)
_ZENODO = Host(
    {
        "": _take_last,
        **dict.fromkeys(("api/records", "record", "records", "communities"), _ONE),
        "doi": _take_zenodo_doi,
    }
)
_GOOGLE_FILES = Host(
    {
        "": _take_last,
        **dict.fromkeys(("document/d", "drive/folders", "file/d", "spreadsheets/d"), _ONE),
        **dict.fromkeys(("open", "uc"), _NONE),
    }
)
_PYPI = Host({"": _NONE, **dict.fromkeys(("project", "pypi", "simple"), _ONE)})
_ARXIV = Host({"": _take_last, **dict.fromkeys(("abs", "html", "pdf"), _PAPER)})
_UCI = Host(
    {"": _take_last, "ml/machine-learning-databases": _ONE, "static/public": _take_archive}
)
_PAPERS_WITH_CODE = Host({"": _take_last, "dataset": _ONE, "paper": _ONE})
_MENDELEY = Host({"": _take_last, "datasets": _ONE})
_HOSTS: Final[Mapping[str, Host]] = {
    **dict.fromkeys(("github.com", "api.github.com", "gist.github.com"), _GITHUB),
    **dict.fromkeys(("ssh.github.com", "codeload.github.com", "raw.github.com"), _GITHUB),
    **dict.fromkeys(("raw.githubusercontent.com", "gist.githubusercontent.com"), _GITHUB),
    "media.githubusercontent.com": _GITHUB,
    "altssh.gitlab.com": _GITLAB,
    **dict.fromkeys(("codeberg.org", "dagshub.com", "gitea.com", "gitee.com"), _GITEA),
    "github.dev": _GITHUB,
    **dict.fromkeys(("colab.research.google.com", "mybinder.org"), _NOTEBOOKS),
    **dict.fromkeys(("nbviewer.org", "nbviewer.jupyter.org", "vscode.dev"), _NOTEBOOKS),
    **dict.fromkeys(("dev.azure.com", "ssh.dev.azure.com"), _AZURE),
    **dict.fromkeys(("bitbucket.org", "api.bitbucket.org"), _BITBUCKET),
    "altssh.bitbucket.org": _BITBUCKET,
    **dict.fromkeys(("huggingface.co", "hf.co", "hf-mirror.com"), _HUGGING_FACE),
    "kaggle.com": _KAGGLE,
    **dict.fromkeys(("modelscope.ai", "modelscope.cn"), _MODELSCOPE),
    **dict.fromkeys(("openml.org", "api.openml.org"), _OPENML),
    **dict.fromkeys(("zenodo.org", "sandbox.zenodo.org"), _ZENODO),
    **dict.fromkeys(("pypi.org", "pypi.python.org", "test.pypi.org"), _PYPI),
    **dict.fromkeys(("arxiv.org", "export.arxiv.org"), _ARXIV),
    "archive.ics.uci.edu": _UCI,
    "paperswithcode.com": _PAPERS_WITH_CODE,
    "data.mendeley.com": _MENDELEY,
    "tfhub.dev": Host({"": _take_unversioned}),
    **dict.fromkeys(("docs.google.com", "drive.google.com"), _GOOGLE_FILES),
    "figshare.com": Host({"": _take_last, "articles": _take_number}),
    "openreview.net": Host({"": _take_last, **dict.fromkeys(("forum", "pdf"), _NONE)}),
    **dict.fromkeys(("git.sr.ht", "replicate.com"), Host({"": _TWO})),
    "sourceforge.net": Host({"": _take_last, **dict.fromkeys(("p", "projects"), _ONE)}),
}
_SELF_HOSTED: Final = (("gitlab.", _GITLAB), ("bitbucket.", _BITBUCKET_SERVER))
"""The rules of hosts by the beginning of their names."""
