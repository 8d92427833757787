"""How names compare, and which name a url gives to an artifact that came without one."""

import re
import unicodedata
from urllib.parse import unquote, urlsplit

_BRANCH = re.compile(r"/(?:tree|blob)/(?:main|master)(?:/.*)?$")
_OWNER_AND_NAME = frozenset(
    {"github.com", "gitlab.com", "bitbucket.org", "huggingface.co", "hf.co", "kaggle.com"}
)
_COLLECTIONS = frozenset({"datasets", "models", "spaces", "code"})


def normalise(name: str) -> str:
    """The form in which names are equal: NFC, stripped, casefolded; empty never matches."""
    composed = name if name.isascii() else unicodedata.normalize("NFC", name)
    return composed.strip().casefold()


def name_from_url(url: str) -> str:
    """The name that a url says: its last telling path segment, or `owner/name` on a forge.

    Empty where the path says nothing. Query, fragment, `.git` and the branch that a browser
    was on (`/tree/main...`) are no part of a name.
    """
    parts = urlsplit(url)
    path = _BRANCH.sub("", parts.path.rstrip("/"))
    segments = [unquote(segment).strip() for segment in path.split("/")]
    segments = [s.removesuffix(".git") for s in segments if any(c.isalnum() for c in s)]
    host = (parts.hostname or "").removeprefix("www.")
    if host not in _OWNER_AND_NAME:
        return segments[-1] if segments else ""
    if segments and segments[0] in _COLLECTIONS:
        segments = segments[1:]
    return "/".join(segments[:2])
