"""Fills a store with generated artifacts: rated models, linked by name to datasets and code."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from pydantic.alias_generators import to_camel

from storage.artifacts import inputs
from storage.artifacts.rating import Rating
from storage.artifacts.records import ArtifactType, LookupField, Target
from storage.artifacts.writes import Identity, NewArtifact, OnConflict, Written
from storage.deadline import deadline
from storage.search.listing import Filter, Listing
from storage.store import Store

MODEL, DATASET, CODE = ArtifactType.MODEL, ArtifactType.DATASET, ArtifactType.CODE
_DIGIT = {MODEL: "1", DATASET: "2", CODE: "3"}
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
_BATCH = 100
_CLIENTS = 4
_CALL_SECONDS = 120
"""Time for each call: the machine may be busy, and the clients wait for each other."""
POPULAR = 25
"""Datasets that the last tenth of the models links to, so that their pages are full."""
_TAGS = ("text-classification", "pytorch", "safetensors", "multilingual", "finetuned", "fp16")
_LICENSES = ("apache-2.0", "mit", "cc-by-4.0", "bsd-3-clause", "openrail")
_SCORES = [
    to_camel(name)
    for name in Rating.model_fields
    if name not in ("name", "category", "size_score")
]


@dataclass(frozen=True, slots=True)
class Size:
    """The number of artifacts of each type."""

    models: int
    datasets: int
    codes: int

    @classmethod
    def from_total(cls, artifacts: int) -> "Size":
        """Return a size with 80% models, 10% datasets and 10% code."""
        return cls(artifacts * 8 // 10, artifacts // 10, artifacts // 10)


def fill(store: Store, size: Size, *, linked_first: bool = True) -> None:
    """Register the artifacts that the store lacks.

    With `linked_first`, datasets and code are registered before the models, and references
    note what they resolve to; without it, after them, and they do not.

    Raises:
        RuntimeError: the store refused an artifact.
    """
    if _is_full(store, size):
        return
    linked = [
        _make_linked(artifact_type, n)
        for artifact_type in (DATASET, CODE)
        for n in range(_count(size, artifact_type))
    ]
    models = [_make_model(n, size, linked_first=linked_first) for n in range(size.models)]
    for drafts in (linked, models) if linked_first else (models, linked):
        batches = [drafts[start : start + _BATCH] for start in range(0, len(drafts), _BATCH)]
        with ThreadPoolExecutor(_CLIENTS) as clients:
            list(clients.map(partial(_register, store), batches))


def url_of(artifact_type: ArtifactType, number: int) -> str:
    """Return the url of an artifact."""
    return f"https://huggingface.co/{artifact_type.value}s/{name_of(artifact_type, number)}"


def name_of(artifact_type: ArtifactType, number: int) -> str:
    """Return the name of an artifact; names sort like numbers."""
    return f"organisation-{number // 10:05}/{artifact_type.value}-{number:06}"


def id_of(artifact_type: ArtifactType, number: int) -> str:
    """Return the id of an artifact: the same in every store, in the order of creation."""
    return f"01a00000-0000-7000-8000-{_DIGIT[artifact_type]}{number:011x}"


def make_rating(number: int) -> dict[str, Any]:
    """Return a complete rating, in the API's field names."""
    sizes = ("raspberryPi", "jetsonNano", "desktopPc", "awsServer")
    return {
        "name": name_of(MODEL, number),
        "category": "MODEL",
        **{score: (number * 31 + n * 7) % 1000 / 1000 for n, score in enumerate(_SCORES)},
        "sizeScore": {size: (number * 17 + n) % 100 / 100 for n, size in enumerate(sizes)},
    }


def make_fields(artifact_type: ArtifactType, number: int) -> dict[str, Any]:
    """Return the fields that all artifacts have, as a client sends them."""
    url = url_of(artifact_type, number)
    return {
        "url": url,
        "name": name_of(artifact_type, number),
        "downloadUrl": f"{url}/resolve/main/artifact-{number}.safetensors?download=true",
        "license": _LICENSES[number % len(_LICENSES)],
        "tags": [_TAGS[(number + n) % len(_TAGS)] for n in range(4)],
    }


def _is_full(store: Store, size: Size) -> bool:
    wanted = {MODEL: size.models, DATASET: size.datasets, CODE: size.codes}
    for artifact_type, minimum in wanted.items():
        count = store.count(Listing(Filter(types=(artifact_type,))))
        if count is not None and count < minimum:  # None: more than the store counts
            return False
    return True


def _count(size: Size, artifact_type: ArtifactType) -> int:
    return size.datasets if artifact_type is DATASET else size.codes


def _make_linked(artifact_type: ArtifactType, number: int) -> NewArtifact:
    return inputs.parse_new_artifact(
        artifact_type, make_fields(artifact_type, number), _identity(artifact_type, number)
    )


def linked_numbers(number: int, size: Size) -> tuple[int, int]:
    """Return the numbers of the dataset and of the code that a model links to."""
    popular = number >= size.models * 9 // 10
    dataset = number % (min(POPULAR, size.datasets) if popular else size.datasets)
    # The models of one dataset were trained with different code.
    return dataset, (number + number // size.datasets) % size.codes


def created_at(number: int) -> datetime:
    """Return the time at which an artifact was registered."""
    return _BEGINNING + timedelta(seconds=number, milliseconds=1)


def _make_model(number: int, size: Size, *, linked_first: bool) -> NewArtifact:
    dataset, code = linked_numbers(number, size)
    links = {
        "datasets": [_make_reference(DATASET, dataset, is_resolved=linked_first)],
        "codes": [_make_reference(CODE, code, is_resolved=linked_first)],
    }
    fields = {**make_fields(MODEL, number), **links, "rating": make_rating(number)}
    return inputs.parse_new_artifact(MODEL, fields, _identity(MODEL, number))


def _make_reference(
    artifact_type: ArtifactType, number: int, *, is_resolved: bool
) -> dict[str, Any]:
    reference: dict[str, Any] = {"name": name_of(artifact_type, number)}
    if is_resolved:
        target = _identity(artifact_type, number)
        reference["resolved"] = {"id": target.id, "version": 1, "namedAt": target.named_at}
    return reference


def _identity(artifact_type: ArtifactType, number: int) -> Identity:
    time = created_at(number)
    id_ = id_of(artifact_type, number)
    return Identity(id=id_, version=1, created_at=time, updated_at=time, named_at=time)


def _register(store: Store, drafts: Sequence[NewArtifact]) -> None:
    with deadline(_CALL_SECONDS):
        existing = store.resolve([_target(draft) for draft in drafts])
        missing = [draft for draft in drafts if _target(draft) not in existing]
        outcomes = store.register(missing, OnConflict.REJECT)
    if refused := [outcome for outcome in outcomes if not isinstance(outcome, Written)]:
        raise RuntimeError(f"artifacts were not registered: {refused}")


def _target(draft: NewArtifact) -> Target:
    return Target(draft.type, LookupField.URL, draft.url)
