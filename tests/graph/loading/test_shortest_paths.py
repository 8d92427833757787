"""The shortest paths of random graphs are those of a plain search, in the same order."""

from collections.abc import Iterator, Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.loading.shortest_paths import find_shortest_paths

NODES = "abcdefgh"
MUCH_WORK = 1_000_000

graphs = st.dictionaries(
    st.sampled_from(NODES), st.sets(st.sampled_from(NODES), min_size=1, max_size=5)
)


def list_paths(
    graph: Mapping[str, set[str]], path: tuple[str, ...], max_length: int
) -> Iterator[tuple[str, ...]]:
    """Yield all simple paths to the last node that begin with a path."""
    if path[-1] == NODES[-1]:
        yield path
    elif len(path) <= max_length:
        for node in graph.get(path[-1], set()) - set(path):
            yield from list_paths(graph, (*path, node), max_length)


@settings(max_examples=1_000)
@given(graph=graphs, max_length=st.integers(1, 8), first=st.integers(1, 40))
def test_paths_are_those_of_a_plain_search(
    graph: dict[str, set[str]], max_length: int, first: int
) -> None:
    found = find_shortest_paths(graph, (NODES[0], NODES[-1]), max_length, first, MUCH_WORK)

    expected = sorted(list_paths(graph, (NODES[0],), max_length), key=lambda p: (len(p), p))
    assert found.paths == expected[:first]
    assert found.is_complete is (len(expected) <= first)


@settings(max_examples=300)
@given(graph=graphs, max_work=st.integers(0, 300))
def test_paths_that_are_found_with_little_work_are_the_first(
    graph: dict[str, set[str]], max_work: int
) -> None:
    ends = (NODES[0], NODES[-1])
    everything = find_shortest_paths(graph, ends, 8, 1_000, MUCH_WORK)

    found = find_shortest_paths(graph, ends, 8, 1_000, max_work)

    assert found.paths == everything.paths[: len(found.paths)]
    assert found.is_complete <= (found.paths == everything.paths)


def test_many_walks_that_are_not_simple_take_little_work() -> None:
    """All walks into a dense cluster have to leave it by the node at which they entered."""
    cluster = [f"c{n}" for n in range(40)]
    graph = {node: {*cluster, "gate"} for node in cluster}
    graph |= {"start": {"gate"}, "gate": {*cluster, "end"}}

    found = find_shortest_paths(graph, ("start", "end"), 20, 10, 10_000)

    assert found.paths == [("start", "gate", "end")]
    assert found.is_complete
