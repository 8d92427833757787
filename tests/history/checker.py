"""Whether a store agrees with what its clients were told.

Every answer carries the artifact's version and all its fields, so the history of an artifact
is a chain: the state at a version is the state before it with the changes of one operation.
Two answers with one version, a gap, or a state that does not follow is a lost write.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from storage.artifacts.names import normalise
from storage.artifacts.records import KIND_OF_TYPE, Artifact, ArtifactType, LookupField, Target
from storage.artifacts.write_rules import reference_targets
from storage.search.listing import Filter, Listing, Order, OrderField
from storage.store import ReverseLinkQuery, Store
from tests.history.client import seen

Told = dict[str, Any]
LISTINGS = [
    Listing(Filter(types=tuple(ArtifactType)), Order(by, descending=descending))
    for by in OrderField
    for descending in (False, True)
]
_STAMPS = {"version", "updatedAt", "namedAt"}


def contradictions(store: Store, history: Iterable[Told]) -> Iterator[str]:
    """Everything in which the store differs from what the answers allow."""
    artifacts = {artifact.id: artifact for artifact in store.scan()}
    yield from _chains(artifacts, history)
    yield from _owners(store, list(artifacts.values()))
    yield from _links(store, list(artifacts.values()))
    yield from _listings(store, artifacts)
    yield from (f"{v.about} {v.message}" for v in store.check())


@dataclass(slots=True)
class _History:
    """What was told of each artifact."""

    states: dict[str, dict[int, Told]] = field(default_factory=lambda: defaultdict(dict))
    deleted: set[str] = field(default_factory=set)
    unknown: dict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))
    registers: dict[tuple[str, str], list[Told]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Of which nobody knows what came, by type and url: they tell no id."""
    met: dict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))
    """What was in the way of others, which may be all that is told of a registration."""
    wrong: list[str] = field(default_factory=list)

    def add(self, told: Told) -> None:
        answer, id_ = told["answer"], told["id"]
        if answer == "refused":
            if there := told.get("met"):
                self.met[there["id"]].append(there)
        elif answer == "unknown" and id_ is None:
            self.registers[told["fields"]["type"], told["fields"]["url"]].append(told)
        elif answer == "unknown":
            self.unknown[id_].append(told)
        elif told["do"] == "delete":
            if id_ in self.deleted:
                self.wrong.append(f"{id_} was deleted twice")
            self.deleted.add(id_)
        else:
            version = answer["version"]
            if version in self.states[id_]:
                self.wrong.append(f"{id_} has two versions {version}: a write was lost")
            self.states[id_][version] = told

    def maybe(self, id_: str, *states: Told) -> list[Told]:
        """What may have happened to an artifact beside what is known of it."""
        places = {(state["type"], state["url"]) for state in (*states, *self.met[id_])}
        return self.unknown[id_] + [told for at in places for told in self.registers[at]]


def _chains(artifacts: dict[str, Artifact], history: Iterable[Told]) -> Iterator[str]:
    of = _History()
    for told in history:
        of.add(told)
    yield from of.wrong
    for id_, versions in of.states.items():
        maybe = of.maybe(id_, *(told["answer"] for told in versions.values()))
        yield from _chain(id_, versions, maybe=bool(maybe))
        yield from _end(id_, versions, artifacts.get(id_), of, maybe)
    for id_ in artifacts.keys() - of.states.keys():
        if not of.maybe(id_, seen(artifacts[id_])):
            yield f"{id_} is there, but nobody registered it"


def _chain(id_: str, versions: dict[int, Told], *, maybe: bool) -> Iterator[str]:
    ordered = sorted(versions)
    if ordered[0] != 1 and not maybe:
        yield f"{id_} begins with version {ordered[0]}"
    for before, after in pairwise(ordered):
        if after != before + 1:
            if not maybe:
                yield f"{id_} has nothing between versions {before} and {after}"
            continue
        told, was = versions[after], versions[before]["answer"]
        if wrong := _difference({**was, **_given(told["fields"])}, told["answer"]):
            yield f"{id_} at version {after} has an unexpected {', '.join(wrong)}"
        since, now = was.get("namedAt"), told["answer"].get("namedAt")
        if since and now and _is_renamed(was, told["answer"]) == (since == now):
            yield f"{id_} at version {after} has borne its name since another time"


def _end(
    id_: str,
    versions: dict[int, Told],
    artifact: Artifact | None,
    of: _History,
    unknown: list[Told],
) -> Iterator[str]:
    if artifact is None:
        if id_ not in of.deleted and not any(told["do"] == "delete" for told in unknown):
            yield f"{id_} is gone, but nobody deleted it"
        return
    last = versions[max(versions)]["answer"]
    if id_ in of.deleted:
        yield f"{id_} is there again after it was deleted"
    elif artifact.version == last["version"]:
        now = seen(artifact)
        if now != {"namedAt": now["namedAt"], **last}:
            yield f"{id_} is not as it was last returned"
    elif artifact.version < last["version"] or not unknown:
        yield f"{id_} is at version {artifact.version}, not {last['version']}"


def _owners(store: Store, artifacts: list[Artifact]) -> Iterator[str]:
    """Each url has one artifact; each name that is borne belongs to its earliest bearer."""
    urls: dict[Target, list[Artifact]] = defaultdict(list)
    names: dict[Target, list[Artifact]] = defaultdict(list)
    for artifact in artifacts:
        urls[Target(artifact.type, LookupField.URL, artifact.url)].append(artifact)
        names[Target(artifact.type, LookupField.NAME, normalise(artifact.name))].append(
            artifact
        )
    resolved = store.resolve([*urls, *names])
    for target, having in urls.items():
        if len(having) > 1:
            yield f"{target.value} belongs to {len(having)} of type {target.type.value}"
        if resolved.get(target) not in having:
            yield f"{target.value} does not lead to the {target.type.value} that has it"
    for target, bearers in names.items():
        if resolved.get(target) != min(bearers, key=lambda a: (a.named_at, a.id)):
            yield f"the {target.type.value} {target.value} does not lead to its earliest bearer"


def _links(store: Store, artifacts: list[Artifact]) -> Iterator[str]:
    """`models_of` is the inverse of what the references resolve to."""
    linked: dict[str, set[str]] = defaultdict(set)
    wanted = {target for artifact in artifacts for target in reference_targets(artifact)}
    resolved = store.resolve(list(wanted))
    for artifact in artifacts:
        for reference in artifact.references:
            if found := resolved.get(reference.target):
                linked[found.id].add(artifact.id)
    pages = store.read_reverse_links([ReverseLinkQuery(a, 1_000) for a in artifacts])
    for artifact, page in zip(artifacts, pages, strict=True):
        ids = [entry.artifact.id for entry in page.entries]
        if ids != sorted(linked[artifact.id]):
            kind = KIND_OF_TYPE[artifact.type].value
            yield f"{artifact.id} has other models than refer to it as {kind}"


def _listings(store: Store, artifacts: dict[str, Artifact]) -> Iterator[str]:
    """A walk through every order meets each artifact once, as it is."""
    for listing in LISTINGS:
        met: list[Artifact] = []
        after: str | None = None
        while True:
            page = store.page(listing, 7, after)
            met += [entry.artifact for entry in page.entries]
            if not page.has_next:
                break
            after = page.end
        if len(met) != len(artifacts) or {a.id: a for a in met} != artifacts:
            yield f"a walk by {listing.order} does not meet what is there"
        if store.count(listing) != len(artifacts):
            yield f"the count by {listing.order} is not {len(artifacts)}"


def _is_renamed(before: Told, after: Told) -> bool:
    return normalise(before["name"]) != normalise(after["name"])


def _given(fields: Told) -> Told:
    return {name: value for name, value in fields.items() if name != "type"}


def _difference(expected: Told, found: Told) -> list[str]:
    names = (expected.keys() | found.keys()) - _STAMPS
    return sorted(n for n in names if (expected.get(n) or None) != (found.get(n) or None))
