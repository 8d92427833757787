"""Finds what texts of model cards refer to: repositories on Hugging Face, urls and names."""

import re

from pydantic_core import PydanticCustomError

from storage.artifacts.input_values import check_name
from storage.artifacts.url_names import derive_name
from storage.artifacts.urls import check_url

HUB = "https://huggingface.co/"
REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(?:/[A-Za-z0-9][\w.-]{0,95})?", re.ASCII)
_PAGE = re.compile(r"(?:https?://)?(?:www\.)?(?:huggingface|hf)\.co/(.+)", re.IGNORECASE)
_OTHER_KINDS = ("collections/", "datasets/", "docs/", "models", "papers/", "spaces/")
_PATHS = (".", "/", "~", "\\")
_PLACEHOLDERS = frozenset({"n/a", "none", "null", "unknown"})
LOADERS = frozenset(
    {"arrow", "audiofolder", "csv", "generator", "imagefolder", "json", "pandas", "parquet"}
    | {"pdffolder", "sql", "text", "videofolder", "webdataset", "xml"}
)
"""The loaders of the library datasets, which cards that it generates have for local files."""


def find_target(prefix: str, text: str) -> dict[str, str]:
    """Return the url or the name that a text refers to; neither if it refers to nothing.

    `prefix` is that of the urls of repositories: models, or datasets.
    """
    if text.lower() in _PLACEHOLDERS:
        return {}
    if url := _find_repository(prefix, text):
        return {"url": url}
    if _is_valid_url(text):
        return {"url": text.rstrip("/")}
    is_path = text.startswith(_PATHS) or "\\" in text
    return {"name": text} if "://" not in text and not is_path and _is_valid_name(text) else {}


def _find_repository(prefix: str, text: str) -> str | None:
    """Return the url of a repository that is given by its id or the url of a page."""
    page = _PAGE.fullmatch(text)
    path = page[1] if page else text
    kind = prefix.removeprefix(HUB)
    if kind and path.startswith(kind):
        path = path.removeprefix(kind)
    elif page and (kind or path.startswith(_OTHER_KINDS)):
        return None
    id_ = _derive_id(prefix + path) if page else path
    return prefix + id_ if REPOSITORY.fullmatch(id_) else None


def _derive_id(url: str) -> str:
    try:
        return derive_name(url)
    except ValueError:
        return ""


def _is_valid_url(text: str) -> bool:
    try:
        return bool(check_url(text))
    except PydanticCustomError:
        return False


def _is_valid_name(text: str) -> bool:
    try:
        return bool(check_name(text))
    except PydanticCustomError:
        return False
