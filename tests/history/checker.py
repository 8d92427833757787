"""Checks that a store agrees with the recorded history of its clients.

Every answer holds the artifact's version and all its fields, so the history of an artifact is
a chain: the state at a version is the state before it with the changes of one operation. Two
answers with the same version, a missing version, or a state that does not follow from the one
before mean that a write was lost. A deletion makes the version after that of its answer.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from storage.artifacts.names import normalise
from storage.artifacts.records import KIND_OF_TYPE, Artifact, ArtifactType, LookupField, Target
from storage.artifacts.reference_stamps import reference_targets
from storage.errors import UndecodableError
from storage.reverse_links import ReverseLinkQuery
from storage.search.listing import Filter, Listing, Order, OrderField
from storage.search.pages import Window
from storage.store import Store
from tests.history.change_checker import find_change_contradictions
from tests.history.random_client import to_json_fields

Entry = dict[str, Any]
"""One operation of a client with its answer, as `RandomClient` writes it."""
LISTINGS = [
    Listing(Filter(types=tuple(ArtifactType)), Order(order_field, descending=descending))
    for order_field in (OrderField.NAME, OrderField.CREATED_AT, OrderField.UPDATED_AT)
    for descending in (False, True)
]
_SET_BY_THE_STORE = {"version", "updatedAt", "namedAt"}


def find_contradictions(store: Store, history: Iterable[Entry]) -> Iterator[str]:
    """Yield a message for each way in which the store contradicts the history or itself."""
    artifacts = {artifact.id: artifact for artifact in store.scan()}
    entries = list(history)
    yield from _check_versions(artifacts, entries)
    yield from find_change_contradictions(store, artifacts, entries)
    yield from _check_lookups(store, list(artifacts.values()))
    yield from _check_reverse_links(store, list(artifacts.values()))
    yield from _check_listings(store, artifacts)
    yield from (f"{found.about} {found.message}" for found in store.check())


@dataclass(slots=True)
class _History:
    """The entries of all clients, by artifact."""

    states: dict[str, dict[int, Entry]] = field(default_factory=lambda: defaultdict(dict))
    """Successful writes by artifact id and the version that they made."""
    unknown: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    """Operations with an unknown outcome, by artifact id."""
    unknown_registrations: dict[tuple[str, str], list[Entry]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Registrations with an unknown outcome, by type and url: their answers hold no id."""
    conflicting: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    """Artifacts returned with ALREADY_EXISTS errors, by id.

    For a registration whose answer was lost this may be the only record.
    """
    errors: list[str] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        answer, id_ = entry["answer"], entry["id"]
        if answer == "refused":
            if conflicting := entry.get("conflicting"):
                self.conflicting[conflicting["id"]].append(conflicting)
        elif answer == "unknown" and id_ is None:
            key = entry["fields"]["type"], entry["fields"]["url"]
            self.unknown_registrations[key].append(entry)
        elif answer == "unknown":
            self.unknown[id_].append(entry)
        elif entry["operation"] != "read":
            version = answer["version"] + (entry["operation"] == "delete")
            if version in self.states[id_]:
                self.errors.append(f"{id_} has two versions {version}: a write was lost")
            self.states[id_][version] = entry

    def possible_writes(self, id_: str, *states: Entry) -> list[Entry]:
        """Return the operations with an unknown outcome that may have changed an artifact."""
        keys = {(state["type"], state["url"]) for state in (*states, *self.conflicting[id_])}
        registrations = [entry for key in keys for entry in self.unknown_registrations[key]]
        return self.unknown[id_] + registrations


def _check_versions(artifacts: dict[str, Artifact], entries: Iterable[Entry]) -> Iterator[str]:
    history = _History()
    for entry in entries:
        history.add(entry)
    yield from history.errors
    for id_, versions in history.states.items():
        answers = (entry["answer"] for entry in versions.values())
        possible = history.possible_writes(id_, *answers)
        yield from _check_chain(id_, versions, may_have_gaps=bool(possible))
        yield from _check_last_version(id_, versions, artifacts.get(id_), possible)
    for id_ in artifacts.keys() - history.states.keys():
        if not history.possible_writes(id_, to_json_fields(artifacts[id_])):
            yield f"{id_} exists, but nobody registered it"


def _check_chain(id_: str, versions: dict[int, Entry], *, may_have_gaps: bool) -> Iterator[str]:
    ordered = sorted(versions)
    if ordered[0] != 1 and not may_have_gaps:
        yield f"{id_} begins with version {ordered[0]}"
    for before, after in pairwise(ordered):
        if after != before + 1:
            if not may_have_gaps:
                yield f"{id_} has nothing between versions {before} and {after}"
            continue
        entry, old = versions[after], versions[before]["answer"]
        new = entry["answer"]
        if names := _differing_fields({**old, **_written_fields(entry["fields"])}, new):
            yield f"{id_} at version {after} has an unexpected {', '.join(names)}"
        operations = {versions[before]["operation"], entry["operation"]}
        if not operations & {"delete", "restore"}:
            yield from _check_name_time(id_, old, new)
        elif (versions[before]["operation"] == "delete") != (entry["operation"] == "restore"):
            yield f"{id_} was changed at version {after} while it was deleted"


def _check_name_time(id_: str, old: Entry, new: Entry) -> Iterator[str]:
    old_time, new_time = old.get("namedAt"), new.get("namedAt")
    if old_time and new_time and _is_renamed(old, new) == (old_time == new_time):
        yield f"{id_} at version {new['version']} has an unexpected namedAt"


def _check_last_version(
    id_: str,
    versions: dict[int, Entry],
    artifact: Artifact | None,
    possible: list[Entry],
) -> Iterator[str]:
    last_version = max(versions)
    last = versions[last_version]
    is_deleted = last["operation"] == "delete"
    if artifact is None:
        if not is_deleted and not any(entry["operation"] == "delete" for entry in possible):
            yield f"{id_} does not exist, but nobody deleted it"
    elif artifact.version == last_version and not is_deleted:
        stored, answer = to_json_fields(artifact), last["answer"]
        if stored != {"namedAt": stored["namedAt"], **answer}:
            yield f"{id_} differs from the last answer"
    elif is_deleted and not possible:
        yield f"{id_} exists after it was deleted"
    elif artifact.version < last_version or not possible:
        yield f"{id_} is at version {artifact.version}, not {last_version}"


def _check_lookups(store: Store, artifacts: list[Artifact]) -> Iterator[str]:
    """Check that urls lead to their artifacts, names to those that have had them longest."""
    urls: dict[Target, list[Artifact]] = defaultdict(list)
    names: dict[Target, list[Artifact]] = defaultdict(list)
    for artifact in artifacts:
        urls[Target(artifact.type, LookupField.URL, artifact.url)].append(artifact)
        name = normalise(artifact.name)
        names[Target(artifact.type, LookupField.NAME, name)].append(artifact)
    resolved = _resolve(store, [*urls, *names])
    for target, owners in urls.items():
        if len(owners) > 1:
            yield f"{target.value} belongs to {len(owners)} of type {target.type.value}"
        if resolved.get(target) not in owners:
            yield f"{target.value} does not lead to the {target.type.value} that has it"
    for target, namesakes in names.items():
        if resolved.get(target) != min(namesakes, key=lambda a: (a.named_at, a.id)):
            yield (
                f"the {target.type.value} name {target.value} does not lead to the artifact"
                " that has had it longest"
            )


def _resolve(store: Store, targets: list[Target]) -> dict[Target, Artifact]:
    found = store.resolve(targets)
    return {t: a for t, a in found.items() if not isinstance(a, UndecodableError)}


def _check_reverse_links(store: Store, artifacts: list[Artifact]) -> Iterator[str]:
    """Check that the listed models of an artifact are those whose references lead to it."""
    expected: dict[str, set[str]] = defaultdict(set)
    all_targets = {target for artifact in artifacts for target in reference_targets(artifact)}
    resolved = _resolve(store, list(all_targets))
    for artifact in artifacts:
        for reference in artifact.references:
            if linked := resolved.get(reference.target):
                expected[linked.id].add(artifact.id)
    pages = store.read_reverse_links([ReverseLinkQuery(a, 1_000) for a in artifacts])
    for artifact, page in zip(artifacts, pages, strict=True):
        ids = [entry.artifact.id for entry in page.entries]
        if ids != sorted(expected[artifact.id]):
            kind = KIND_OF_TYPE[artifact.type].value
            yield f"{artifact.id} lists other models than refer to it as {kind}"


def _check_listings(store: Store, artifacts: dict[str, Artifact]) -> Iterator[str]:
    """Check that the pages of every listing return each artifact once, as it is stored."""
    for listing in LISTINGS:
        listed: list[Artifact] = []
        after: str | None = None
        while True:
            page = store.page(listing, Window(7, after=after))
            listed += [entry.artifact for entry in page.entries]
            if not page.has_next:
                break
            after = page.end
        if len(listed) != len(artifacts) or {a.id: a for a in listed} != artifacts:
            yield f"the pages by {listing.order} differ from what is stored"
        if store.count(listing) != len(artifacts):
            yield f"the count by {listing.order} is not {len(artifacts)}"


def _is_renamed(before: Entry, after: Entry) -> bool:
    return normalise(before["name"]) != normalise(after["name"])


def _written_fields(fields: Entry) -> Entry:
    return {name: value for name, value in fields.items() if name != "type"}


def _differing_fields(expected: Entry, actual: Entry) -> list[str]:
    names = (expected.keys() | actual.keys()) - _SET_BY_THE_STORE
    return sorted(n for n in names if (expected.get(n) or None) != (actual.get(n) or None))
