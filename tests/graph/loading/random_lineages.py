"""Random artifacts with references to each other, and plain walks over what they resolve to."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hypothesis import strategies as st

KIND_OF_TYPE = {"model": "BASE_MODEL", "dataset": "DATASET", "code": "CODE"}
ROLES = {
    "BASE_MODEL": [None, "ADAPTER", "MERGED"],
    "DATASET": [None, "TRAINED_ON", "EVALUATED_ON"],
    "CODE": [None, "TRAINING"],
}
LICENSES = [None, "MIT", "mit", "Apache-2.0"]


@dataclass(frozen=True)
class RandomReference:
    """A reference to the artifact with a number, which may never have been registered."""

    by: str
    target: int
    role: str | None


@dataclass(frozen=True)
class RandomArtifact:
    """An artifact; its number is its index. Only models have references, if not late."""

    type: str
    name: str
    license: str | None
    score: float | None
    references: tuple[RandomReference, ...]
    is_late: bool
    """True if it is registered only when the references have been written."""
    is_deleted: bool
    """True if it is deleted then."""


@dataclass(frozen=True)
class Link:
    """A reference, and the numbers of what it resolves to now and resolved to when written."""

    model: int
    kind: str
    role: str | None
    now: int | None
    original: int | None

    @property
    def state(self) -> str:
        """The state of the reference."""
        if self.now is None:
            return "UNRESOLVED" if self.original is None else "LOST"
        return "RESOLVED" if self.original in (None, self.now) else "RETARGETED"


@dataclass(frozen=True)
class World:
    """Artifacts, of which the order is the order of their registration."""

    artifacts: tuple[RandomArtifact, ...]

    @property
    def alive(self) -> list[int]:
        """The numbers of the artifacts that there are in the end."""
        return [n for n, a in enumerate(self.artifacts) if not a.is_deleted]

    def links(self) -> list[Link]:
        """Return the links of all models that there are, in the order of their references."""
        models = [n for n in self.alive if self.artifacts[n].type == "model"]
        return [link for model in models for link in self.links_of(model)]

    def links_of(self, model: int) -> list[Link]:
        """Return the links of a model: to datasets, to code, to base models."""
        references = {self._identify(r): r for r in reversed(self.artifacts[model].references)}
        links = [self._resolve(model, r) for r in reversed(references.values())]
        return sorted(
            links, key=lambda link: ["DATASET", "CODE", "BASE_MODEL"].index(link.kind)
        )

    def _identify(self, reference: RandomReference) -> tuple[object, ...]:
        """Return what makes two references of a model one."""
        target = self.artifacts[reference.target]
        value = target.name if reference.by == "name" else reference.target
        return target.type, reference.by, value, reference.role

    def _resolve(self, model: int, reference: RandomReference) -> Link:
        kind = KIND_OF_TYPE[self.artifacts[reference.target].type]
        early = [n for n, a in enumerate(self.artifacts) if not a.is_late]
        late = [n for n, a in enumerate(self.artifacts) if a.is_late]
        original = self._find(reference, early)
        now = self._find(reference, [n for n in early + late if n in self.alive])
        return Link(model, kind, reference.role, now, original)

    def _find(self, reference: RandomReference, registered: list[int]) -> int | None:
        asked = self.artifacts[reference.target]
        if reference.by == "id" and asked.is_late:
            return None  # its id was not known
        if reference.by != "name":
            return reference.target if reference.target in registered else None
        for number in registered:
            artifact = self.artifacts[number]
            if (artifact.type, artifact.name) == (asked.type, asked.name):
                return number
        return None


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw artifacts with namesakes, cycles, missing and lost targets, and several kinds.

    Half of the worlds are dense: most artifacts have many paths to each other.
    """
    is_dense = draw(st.booleans())
    other_types = [] if is_dense else ["dataset", "code"]
    size = draw(st.integers(5, 9) if is_dense else st.integers(1, 9))
    types = [draw(st.sampled_from(["model", "model", *other_types])) for _ in range(size)]
    return World(tuple(_draw_artifact(draw, types, n, is_dense=is_dense) for n in range(size)))


def _draw_artifact(
    draw: st.DrawFn, types: list[str], number: int, *, is_dense: bool
) -> RandomArtifact:
    is_model = types[number] == "model"
    is_late = not is_dense and draw(st.sampled_from([False, False, False, True]))
    targets = st.lists(
        st.integers(0, len(types) - 1), min_size=2 if is_dense else 0, max_size=5
    )
    references = draw(targets) if is_model and not is_late else []
    return RandomArtifact(
        type=types[number],
        name=draw(st.sampled_from("abc")),
        license=draw(st.sampled_from(LICENSES)),
        score=draw(st.sampled_from([None, 0.25, 0.5])) if is_model else None,
        references=tuple(
            RandomReference(
                draw(st.sampled_from(["id", "url"] if is_dense else ["id", "url", "name"])),
                target,
                draw(st.sampled_from(ROLES[KIND_OF_TYPE[types[target]]])),
            )
            for target in references
        ),
        is_late=is_late,
        is_deleted=not is_dense and draw(st.sampled_from([False] * 4 + [True])),
    )


def walk(
    links: list[Link], root: int, depth: int, *, upstream: bool, kinds: set[str]
) -> dict[int, int]:
    """Return the distances of the artifacts within a depth, the root not among them."""
    distances, queue = {root: 0}, deque([root])
    while queue:
        current = queue.popleft()
        if distances[current] == depth:
            continue
        for link in links:
            if link.now is None or link.kind not in kinds:
                continue
            start, end = (link.model, link.now) if upstream else (link.now, link.model)
            if start == current and end not in distances:
                distances[end] = distances[current] + 1
                queue.append(end)
    del distances[root]
    return distances


def list_paths(
    links: list[Link], start: int, end: int, max_length: int, key: Callable[[int], str]
) -> list[list[int]]:
    """Return all simple paths downstream, the shortest first, then in the order of keys."""
    steps: dict[int, set[int]] = {}
    for link in links:
        if link.now is not None:
            steps.setdefault(link.now, set()).add(link.model)

    def extend(path: list[int]) -> Iterator[list[int]]:
        if path[-1] == end:
            yield path
        elif len(path) <= max_length:
            for step in steps.get(path[-1], set()) - set(path):
                yield from extend([*path, step])

    return sorted(extend([start]), key=lambda path: (len(path), [key(n) for n in path]))
