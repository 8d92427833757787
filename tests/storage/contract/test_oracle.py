"""SQLite and DynamoDB give the same results for the same operations."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from storage.artifacts.changes import Change
from storage.artifacts.records import (
    Artifact,
    ArtifactType,
    LookupField,
    Reference,
    ReferenceKind,
    Target,
)
from storage.reverse_links import ReverseLinkQuery
from storage.store import Store
from tests.storage.contract.oracle_strategies import (
    IDS,
    NAMES,
    URLS,
    types,
    without_since,
)
from tests.storage.contract.oracle_writes import WrittenStores
from tests.storage.contract.recorded_changes import read_feed, read_history
from tests.storage.engines import DYNAMO_ENGINES
from tests.storage.samples import ALL_TYPES, ORDERS, listing
from tests.storage.store_calls import read, read_all


class Stores(WrittenStores):
    """Two stores with the same writes, whose reads are compared."""

    def teardown(self) -> None:
        try:
            self.compare_everything()
        finally:
            super().teardown()

    @rule()
    def compare_resolved(self) -> None:
        targets = [
            Target(artifact_type, by, Reference(ReferenceKind.DATASET, by, value).target.value)
            for artifact_type in ALL_TYPES
            for by, values in (
                (LookupField.NAME, NAMES),
                (LookupField.URL, URLS),
                (LookupField.ID, IDS),
            )
            for value in values
        ]
        found = {t: without_since(a) for t, a in self.sqlite.resolve(targets).items()}
        assert {t: without_since(a) for t, a in self.dynamo.resolve(targets).items()} == found
        for age in (0, -1):
            with_resolved_targets = [targets[age] for targets in self.resolved_targets.values()]
            resolved = self.dynamo.resolve(with_resolved_targets)
            expected = self.sqlite.resolve(with_resolved_targets)
            assert {t: without_since(a) for t, a in resolved.items()} == {
                t: without_since(a) for t, a in expected.items()
            }

    @rule()
    def compare_reverse_links(self) -> None:
        artifacts = self.artifacts
        queries = [ReverseLinkQuery(artifact, 3) for artifact in artifacts]
        expected = [
            [e.artifact.id for e in page.entries]
            for page in self.sqlite.read_reverse_links(queries)
        ]
        current = [read(self.dynamo, artifact.id) for artifact in artifacts]
        queries = [ReverseLinkQuery(artifact, 3) for artifact in current]
        pages = self.dynamo.read_reverse_links(queries)
        assert [[e.artifact.id for e in page.entries] for page in pages] == expected
        links = self._links(artifacts)
        assert expected == [sorted(links[artifact.id])[:3] for artifact in artifacts]
        counts = [len(links[artifact.id]) for artifact in artifacts]
        assert self.sqlite.count_reverse_links(artifacts) == counts
        assert self.dynamo.count_reverse_links(current) == counts

    def _links(self, artifacts: list[Artifact]) -> dict[str, set[str]]:
        """The ids of the models of each artifact, by resolving the references of the models."""
        found: dict[str, set[str]] = {artifact.id: set() for artifact in artifacts}
        for model in artifacts:
            targets = [reference.target for reference in model.references]
            for artifact in self.sqlite.resolve(targets).values():
                assert isinstance(artifact, Artifact)
                found[artifact.id].add(model.id)
        return found

    @rule()
    def compare_changes(self) -> None:
        everything = [read_feed(store, first=50) for store in self._stores()]
        sorted_ = [sorted(changes, key=_change_key) for changes in everything]
        assert sorted_[0] == sorted_[1]
        histories: dict[str, list[Change]] = {}
        for change in everything[1]:
            histories.setdefault(change.artifact_id, []).append(change)
        for id_, changes in histories.items():
            assert changes == sorted(changes, key=_change_key)
            found, other = (
                read_history(store, id_, changes[-1].version) for store in self._stores()
            )
            assert found == other == changes[: -len(found) - 1 : -1]
        deleted = [
            sorted((d.artifact.id, d.artifact.version, d.deleted_at) for d in s.scan_deleted())
            for s in self._stores()
        ]
        assert deleted[0] == deleted[1]

    @rule(
        artifact_types=st.lists(types, min_size=1, unique=True),
        order=st.sampled_from(ORDERS),
        first=st.integers(2, 9),
        filter_=st.fixed_dictionaries(
            {},
            optional={
                "names": st.lists(st.sampled_from(["squad", "glue", "é"])).map(tuple),
                "name_contains": st.sampled_from(["s", "e", ""]),
                "name_starts_with": st.sampled_from(["s", "sq", "e"]),
                "name_matches": st.sampled_from(["^s", "a+"]),
                "tags_all": st.just(("a",)),
                "licenses": st.sampled_from([("mit",), (None,)]),
                "net_score_at_least": st.just(0.5),
                "rated": st.booleans(),
                "search": st.sampled_from(["s", "squad", "example org"]),
            },
        ),
    )
    def compare_pages(
        self,
        artifact_types: list[ArtifactType],
        order: object,
        first: int,
        filter_: dict[str, object],
    ) -> None:
        wanted = listing(*artifact_types, order=order, **filter_)  # type: ignore[arg-type] # one of ORDERS
        expected = [without_since(a) for a in read_all(self.sqlite, wanted, first)]
        assert [without_since(a) for a in read_all(self.dynamo, wanted, first)] == expected
        assert self.sqlite.count(wanted) == self.dynamo.count(wanted) == len(expected)

    def compare_everything(self) -> None:
        self.compare_resolved()
        self.compare_reverse_links()
        self.compare_changes()
        for order in ORDERS:
            wanted = listing(order=order)
            expected = [without_since(a) for a in read_all(self.sqlite, wanted)]
            assert [without_since(a) for a in read_all(self.dynamo, wanted)] == expected
        scanned = [[without_since(a) for a in each.scan()] for each in self._stores()]
        assert scanned[0] == scanned[1]

    def _stores(self) -> tuple[Store, Store]:
        return self.sqlite, self.dynamo


def _change_key(change: Change) -> tuple[str, int]:
    return change.artifact_id, change.version


QUICK = settings(
    max_examples=8,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, max_examples=120, stateful_step_count=30)


def test_results_are_the_same() -> None:
    run_state_machine_as_test(Stores, settings=QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("engine", DYNAMO_ENGINES)
def test_results_are_the_same_for_long(engine: str) -> None:
    machine = type("Stores", (Stores,), {"engine": engine})

    run_state_machine_as_test(machine, settings=LONG)
