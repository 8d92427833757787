"""Random writes that go on while a listing is read page by page."""

import random
from collections.abc import Sequence
from itertools import count

from storage.artifacts.records import Artifact, Reference
from storage.artifacts.writes import ArtifactPatch, Deleted, Written
from storage.store import Store
from tests.storage.samples import ALL_TYPES, MODEL, new_artifact
from tests.storage.store_calls import register_one

MOST = 12
"""The most artifacts of a churn: a walk does not end in a listing that grows as fast."""
_LONG = "\U00010400" * 400
"""Longer than the part of a name that determines its position."""
NAMES = (
    *("", "a", " A ", "ab", "a\x00b", "é", "e\u0301", "straße", "STRASSE"),
    *(_LONG, _LONG + "a"),
)


class Churn:
    """Makes random writes, one at a time, to artifacts of its own or to settled ones.

    Settled artifacts keep their tags and references, their names unless `may_rename_settled`,
    and the rest unless `may_touch_settled`.
    """

    def __init__(
        self,
        store: Store,
        seed: int,
        settled: Sequence[Artifact],
        references: Sequence[Reference] = (),
    ) -> None:
        self.may_rename_settled = False
        self.may_touch_settled = True
        self._store = store
        self._draw = random.Random(seed)  # noqa: S311 - no secret
        self._settled = settled
        self._references = references
        self._own: list[Artifact] = []
        self._urls = (f"https://example.org/churn/{seed}/{n}" for n in count())

    def act(self) -> None:
        """Make the next write."""
        ways = (self._register, self._rename, self._relink, self._delete, self._touch)
        full = len(self._own) >= MOST
        self._draw.choices(ways, (0 if full else 4, 3, 2, 2, 2))[0]()

    def _register(self) -> None:
        artifact_type = self._draw.choice(ALL_TYPES)
        asked = self._some_references() if artifact_type is MODEL else ()
        tags = self._draw.choice(((), ("kept",)))
        made = new_artifact(
            artifact_type, self._draw.choice(NAMES), *asked, url=next(self._urls), tags=tags
        )
        self._own.append(register_one(self._store, made))

    def _rename(self) -> None:
        among = [*self._own, *(self._settled if self.may_rename_settled else ())]
        self._update(among, ArtifactPatch(name=self._draw.choice(NAMES)))

    def _relink(self) -> None:
        models = [artifact for artifact in self._own if artifact.type is MODEL]
        self._update(models, ArtifactPatch(datasets=self._some_references()))

    def _delete(self) -> None:
        if self._own:
            leaving = self._own.pop(self._draw.randrange(len(self._own)))
            assert isinstance(self._store.delete(leaving.id, None), Deleted)

    def _touch(self) -> None:
        among = self._settled if self.may_touch_settled else self._own
        self._update(among, ArtifactPatch(license=str(self._draw.random())))

    def _update(self, among: Sequence[Artifact], changes: ArtifactPatch) -> None:
        if among:
            outcome = self._store.update(self._draw.choice(among).id, None, changes)
            assert isinstance(outcome, Written), outcome

    def _some_references(self) -> tuple[Reference, ...]:
        most = min(3, len(self._references))
        return tuple(self._draw.sample(self._references, self._draw.randint(0, most)))
