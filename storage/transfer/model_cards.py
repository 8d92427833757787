"""Turns the front matter of Hugging Face model cards into models to register."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, BinaryIO

from pydantic_core import PydanticCustomError

from storage.artifacts.input_values import (
    MAX_LICENSE_CHARACTERS,
    MAX_PROPERTY_VALUE_CHARACTERS,
    MAX_TAG_CHARACTERS,
    MAX_TAGS,
)
from storage.artifacts.names import is_blank
from storage.artifacts.texts import check_text
from storage.artifacts.write_limits import MAX_REFERENCES
from storage.transfer.card_references import HUB, LOADERS, REPOSITORY, find_target
from storage.transfer.front_matter import CardError, read_front_matter

_CACHED = re.compile(r"models--([^/]+)")
"""The folder of a repository in the cache of Hugging Face's libraries."""
_SHOWN_CHARACTERS = 100
_ROLES = {
    "finetune": "FINE_TUNED",
    "adapter": "ADAPTER",
    "quantized": "QUANTIZED",
    "merge": "MERGED",
}
_PROPERTIES = ("pipeline_tag", "library_name", "language", "license_link")
_OWN_FIELDS = frozenset(
    {"license", "license_name", "tags", "datasets", "base_model", "base_model_relation"}
    | {"model-index", *_PROPERTIES}
)


@dataclass(slots=True)
class Card:
    """The fields of a model to register, and what of its card has no place among them."""

    fields: dict[str, Any]
    unmapped: list[str] = field(default_factory=list)


def read_card(file: BinaryIO, repository: str) -> Card:
    """Read a card; its model has the url of the repository on Hugging Face.

    Raises:
        CardError: The card has no front matter that can be read.
    """
    reader = _Reader(read_front_matter(file))
    return Card({"type": "model", "url": HUB + repository, **reader.read()}, reader.unmapped)


def find_repository(path: str) -> str:
    """Return the id of the repository of a card: the names of the folders that it is in.

    Raises:
        CardError: The path has no such folders.
    """
    folders = [part for part in PurePath(path).parts[:-1] if part != "."]
    for folder in folders:
        if match := _CACHED.fullmatch(folder):
            return check_repository(match[1].replace("--", "/", 1))
    return check_repository("/".join(folders[-2:]))


def check_repository(text: str) -> str:
    """Return the id of a repository.

    Raises:
        CardError: It is none.
    """
    if not REPOSITORY.fullmatch(text):
        raise CardError(
            "the path does not name the repository, as in org/name/README.md; pass --repo"
            if not text
            else f"{text} is not the id of a repository, such as org/name; pass --repo"
        )
    return text


def _to_text(value: object) -> str:
    """Return a text that can be stored; an empty one for all else."""
    is_text = isinstance(value, str) and _holds(check_text, value) and not is_blank(value)
    return str(value).strip() if is_text else ""


def _holds(check: Callable[[str], str], text: str) -> bool:
    try:
        return bool(check(text))
    except PydanticCustomError:
        return False


class _Reader:
    """Reads fields that may be texts, lists or anything else, and notes what it cannot map."""

    def __init__(self, card: dict[str, Any]) -> None:
        self._card = card
        self.unmapped: list[str] = []

    def read(self) -> dict[str, Any]:
        """Return the fields of the model."""
        properties = self._read_properties()
        fields = {
            "license": self._read_license(),
            "tags": self._read_tags(properties),
            "properties": [{"key": key, "value": text} for key, text in properties.items()],
            "baseModels": list(self._read_base_models()),
        }
        room = MAX_REFERENCES - len(fields["baseModels"] or ())
        fields["datasets"] = self._take("datasets", list(self._read_datasets()), room)
        self.unmapped += [key for key in self._card if key not in _OWN_FIELDS]
        return {name: value for name, value in fields.items() if value}

    def _read_texts(self, key: str) -> list[str]:
        """Return the texts of a field, which cards write as one text or as a list."""
        value = self._card.get(key)
        values = value if isinstance(value, list) else [value]
        given = [each for each in values if each is not None]
        texts = [text for each in given if (text := _to_text(each))]
        if len(texts) < len(given):
            self._note(key, "has values that are blank or not texts")
        return texts

    def _read_license(self) -> str | None:
        """Return the license; `other` only says that `license_name` has it."""
        licenses, names = self._read_texts("license"), self._read_texts("license_name")
        if names and licenses not in ([], ["other"], names):
            self._note("license_name", f"the license is {', '.join(licenses)}")
            names = []
        text = ", ".join(names or licenses)
        return self._fit("license", text, MAX_LICENSE_CHARACTERS) or None

    def _read_tags(self, properties: dict[str, str]) -> list[str]:
        tags = dict.fromkeys(self._read_texts("tags"))
        if task := properties.get("pipeline_tag"):
            tags.setdefault(task)
        fitting = [tag for tag in tags if self._fit("tags", tag, MAX_TAG_CHARACTERS)]
        return self._take("tags", fitting, MAX_TAGS)

    def _read_properties(self) -> dict[str, str]:
        found = {key: ", ".join(self._read_texts(key)) for key in _PROPERTIES}
        found["model-index"] = ", ".join(self._read_result_names())
        most = MAX_PROPERTY_VALUE_CHARACTERS
        return {key: text for key, text in found.items() if text and self._fit(key, text, most)}

    def _read_result_names(self) -> Iterator[str]:
        """Yield the names in `model-index`; its results have no place in the registry."""
        entries = self._card.get("model-index")
        for entry in entries if isinstance(entries, list) else [entries]:
            if isinstance(entry, dict) and (name := _to_text(entry.get("name"))):
                yield name
        if entries:
            self._note("model-index", "only names are read")

    def _read_datasets(self) -> Iterator[dict[str, str]]:
        for text in self._read_texts("datasets"):
            if text in LOADERS:
                self._note("datasets", f"{text} is the loader of a dataset without a name")
                continue
            yield from self._to_reference("datasets", f"{HUB}datasets/", text, "TRAINED_ON")

    def _read_base_models(self) -> Iterator[dict[str, str]]:
        relations = self._read_texts("base_model_relation")
        role = _ROLES.get(relations[0]) if relations else None
        if relations and role is None:
            self._note("base_model_relation", f"is not one of {', '.join(_ROLES)}")
        elif len(relations) > 1:
            self._note(
                "base_model_relation", "has several values, of which only the first is read"
            )
        for text in self._take("base_model", self._read_texts("base_model"), MAX_REFERENCES):
            yield from self._to_reference("base_model", HUB, text, role)

    def _to_reference(
        self, key: str, prefix: str, text: str, role: str | None
    ) -> Iterator[dict[str, str]]:
        """Yield a reference: ids and urls by url, other texts by name; none to a local path."""
        given = {} if role is None else {"role": role}
        if target := find_target(prefix, text):
            yield {**target, **given}
        else:
            self._note(key, f"{text[:_SHOWN_CHARACTERS]} names nothing that can be registered")

    def _take(self, key: str, values: list[Any], most: int) -> list[Any]:
        if len(values) > most:
            self._note(key, f"only the first {most} are read")
        return values[:most]

    def _fit(self, key: str, text: str, most: int) -> str:
        if len(text) > most:
            self._note(key, f"is longer than {most:,} characters")
            return ""
        return text

    def _note(self, key: str, reason: str) -> None:
        note = f"{key} ({reason})"
        if note not in self.unmapped:
            self.unmapped.append(note)
