"""Fills a store with made-up artifacts: rated models, linked by name to datasets and code."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from storage.artifacts import inputs
from storage.artifacts.rating import Rating
from storage.artifacts.records import (
    ArtifactType,
    Identity,
    LookupField,
    NewArtifact,
    OnConflict,
    Registered,
    Target,
)
from storage.search.listing import Filter, Listing
from storage.store import Store

MODEL, DATASET, CODE = ArtifactType.MODEL, ArtifactType.DATASET, ArtifactType.CODE
_DIGIT = {MODEL: "1", DATASET: "2", CODE: "3"}
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
_BATCH = 100
_CLIENTS = 4
POPULAR = 25
"""Datasets that every tenth model links to, so that pages of their models are full."""
_TAGS = ("text-classification", "pytorch", "safetensors", "multilingual", "finetuned", "fp16")
_LICENSES = ("apache-2.0", "mit", "cc-by-4.0", "bsd-3-clause", "openrail")
_SCORES = [f.alias or "" for f in Rating.model_fields.values() if f.annotation is float]


@dataclass(frozen=True, slots=True)
class Size:
    """How many artifacts of each type there are."""

    models: int
    datasets: int
    codes: int

    @classmethod
    def of(cls, artifacts: int) -> "Size":
        """So many artifacts: eight of ten are models."""
        return cls(artifacts * 8 // 10, artifacts // 10, artifacts // 10)


def fill(store: Store, size: Size, *, linked_first: bool = True) -> None:
    """Register what the store lacks; without `linked_first`, models come before their links.

    Only what is linked first has resolved when a model is registered.

    Raises:
        RuntimeError: where the store refuses an artifact.
    """
    if _is_full(store, size):
        return
    linked = [_linked(of, n) for of in (DATASET, CODE) for n in range(_count(size, of))]
    models = [_model(n, size) for n in range(size.models)]
    for drafts in (linked, models) if linked_first else (models, linked):
        batches = [drafts[at : at + _BATCH] for at in range(0, len(drafts), _BATCH)]
        with ThreadPoolExecutor(_CLIENTS) as clients:
            list(clients.map(partial(_register, store), batches))


def url_of(of: ArtifactType, number: int) -> str:
    """The url of one of the artifacts."""
    return f"https://huggingface.co/{of.value}s/{name_of(of, number)}"


def name_of(of: ArtifactType, number: int) -> str:
    """The name of one of the artifacts; names sort as numbers do."""
    return f"organisation-{number // 10:05}/{of.value}-{number:06}"


def id_of(of: ArtifactType, number: int) -> str:
    """The id of one of the artifacts: the same in every store, and in their order as usual."""
    return f"01a00000-0000-7000-8000-{_DIGIT[of]}{number:011x}"


def rating(number: int) -> dict[str, Any]:
    """A whole rating, in the API's field names."""
    sizes = ("raspberryPi", "jetsonNano", "desktopPc", "awsServer")
    return {
        "name": name_of(MODEL, number),
        "category": "MODEL",
        **{score: (number * 31 + at * 7) % 1000 / 1000 for at, score in enumerate(_SCORES)},
        "sizeScore": {size: (number * 17 + at) % 100 / 100 for at, size in enumerate(sizes)},
    }


def described(of: ArtifactType, number: int) -> dict[str, Any]:
    """The fields that all artifacts have, as a client gives them."""
    url = url_of(of, number)
    return {
        "url": url,
        "name": name_of(of, number),
        "downloadUrl": f"{url}/resolve/main/artifact-{number}.safetensors?download=true",
        "license": _LICENSES[number % len(_LICENSES)],
        "tags": [_TAGS[(number + at) % len(_TAGS)] for at in range(4)],
    }


def _is_full(store: Store, size: Size) -> bool:
    wanted = {MODEL: size.models, DATASET: size.datasets, CODE: size.codes}
    for of, least in wanted.items():
        count = store.count(Listing(Filter(types=(of,))))
        if count is not None and count < least:  # None is more than can be counted
            return False
    return True


def _count(size: Size, of: ArtifactType) -> int:
    return size.datasets if of is DATASET else size.codes


def _linked(of: ArtifactType, number: int) -> NewArtifact:
    return inputs.parse_new_artifact(of, described(of, number), _identity(of, number))


def _model(number: int, size: Size) -> NewArtifact:
    popular = number >= size.models * 9 // 10
    dataset = number % (min(POPULAR, size.datasets) if popular else size.datasets)
    # The models of one dataset were trained with different code.
    code = (number + number // size.datasets) % size.codes
    links = {
        "datasets": [{"name": name_of(DATASET, dataset)}],
        "codes": [{"name": name_of(CODE, code)}],
    }
    given = {**described(MODEL, number), **links, "rating": rating(number)}
    return inputs.parse_new_artifact(MODEL, given, _identity(MODEL, number))


def _identity(of: ArtifactType, number: int) -> Identity:
    at = _BEGINNING + timedelta(seconds=number, microseconds=1)
    return Identity(id=id_of(of, number), version=1, created_at=at, updated_at=at, named_at=at)


def _register(store: Store, drafts: Sequence[NewArtifact]) -> None:
    there = store.resolve([_target(draft) for draft in drafts])
    missing = [draft for draft in drafts if _target(draft) not in there]
    outcomes = store.register(missing, OnConflict.REJECT)
    if refused := [outcome for outcome in outcomes if not isinstance(outcome, Registered)]:
        raise RuntimeError(f"artifacts were not registered: {refused}")


def _target(draft: NewArtifact) -> Target:
    return Target(draft.type, LookupField.URL, draft.url)
