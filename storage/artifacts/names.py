"""Comparing names, and deriving the name of an artifact from its url."""

import re
import unicodedata
from urllib.parse import unquote, urlsplit

_BRANCH = re.compile(r"/(?:tree|blob)/(?:main|master)(?:/.*)?$")
_OWNER_AND_NAME = frozenset(
    {"github.com", "gitlab.com", "bitbucket.org", "huggingface.co", "hf.co", "kaggle.com"}
)
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_COLLECTIONS = frozenset({"datasets", "models", "spaces", "code"})


def normalise(name: str) -> str:
    """Return the form in which names are compared: NFC, stripped, casefolded, and NFC again.

    A name whose form is empty matches no other.
    """
    if name.isascii():
        return name.strip().casefold()
    folded = unicodedata.normalize("NFC", name).strip().casefold()
    return unicodedata.normalize("NFC", folded).strip()


def is_blank(text: str) -> bool:
    """Return whether a text has no visible character: white space, controls or formats only."""
    return all(unicodedata.category(c) in _INVISIBLE for c in text)


def name_from_url(url: str) -> str:
    """Derive a name from a url.

    It is the last path segment that has a letter or digit, or `owner/name` on GitHub, Hugging
    Face and the like; empty if there is none. The query, the fragment, `.git` and the branch
    in a browser's url (`/tree/main...`) are not part of a name.
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
