"""Finds the shortest simple paths of a graph, in order, with a limit on the work."""

import heapq
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShortestPaths:
    """The first paths of a graph, and whether there are no others."""

    paths: list[Path]
    is_complete: bool


class _OutOfWorkError(Exception):
    """The search looked at as many edges as it may."""


def find_shortest_paths(
    successors: Mapping[str, Collection[str]],
    ends: tuple[str, str],
    max_length: int,
    first: int,
    max_work: int,
) -> ShortestPaths:
    """Return the `first` simple paths between two different nodes, up to a length in edges.

    Shorter paths come first, then those whose nodes are first in order. `max_work` is the
    number of edges that are looked at; when it is used up, what was found so far is returned.

    This is Yen's algorithm with Lawler's partition: what remains after a path is split by the
    node at which other paths leave it, so that the work grows with the paths that are returned
    and not with those that there are.
    """
    paths: list[Path] = []
    try:
        search = _Search(successors, ends[1], max_length, max_work)
        candidates = search.find_candidates((ends[0],), frozenset())
        while candidates and len(paths) < first:
            _, path, leaving, excluded = heapq.heappop(candidates)
            paths.append(path)
            for position in range(leaving, len(path) - 1):
                barred = excluded if position == leaving else frozenset()
                for candidate in search.find_candidates(
                    path[: position + 1], barred | {path[position + 1]}
                ):
                    heapq.heappush(candidates, candidate)
    except _OutOfWorkError:
        return ShortestPaths(paths, is_complete=False)
    return ShortestPaths(paths, is_complete=not candidates)


_Candidate = tuple[int, Path, int, frozenset[str]]
"""Length, path, the position at which it leaves the path that it came from, and the nodes to
which others that leave there must not go."""


class _Search:
    """Finds the shortest path with a given beginning."""

    def __init__(
        self,
        successors: Mapping[str, Collection[str]],
        end: str,
        max_length: int,
        max_work: int,
    ) -> None:
        self._successors = {node: sorted(others) for node, others in successors.items()}
        self._predecessors: dict[str, list[str]] = defaultdict(list)
        for node, others in self._successors.items():
            for other in others:
                self._predecessors[other].append(node)
        self._end = end
        self._max_length = max_length
        self._work_left = max_work
        self._distances = self._measure(frozenset(), max_length)

    def find_candidates(self, beginning: Path, excluded: frozenset[str]) -> list[_Candidate]:
        """Return the first of the shortest paths with a beginning, or nothing.

        Its next node is none of those excluded.

        Raises:
            _OutOfWorkError: The work is used up.
        """
        length_left = self._max_length - len(beginning) + 1
        rest = self._find_rest(beginning, excluded, length_left)
        if rest is None:
            return []
        path = (*beginning, *rest)
        return [(len(path), path, len(beginning) - 1, excluded)]

    def _find_rest(
        self, beginning: Path, excluded: frozenset[str], length_left: int
    ) -> Path | None:
        barred = frozenset(beginning)
        options = [n for n in self._look_at(beginning[-1]) if n not in excluded]
        rest = self._descend(options, barred, self._distances, length_left)
        if rest is None or self._end == rest[-1]:
            return rest
        exact = self._measure(barred, length_left - 1, frozenset(options))
        return self._descend(options, barred, exact, length_left)

    def _descend(
        self,
        options: Sequence[str],
        barred: frozenset[str],
        distances: Mapping[str, int],
        length_left: int,
    ) -> Path | None:
        """Follow falling distances to the end, at each step to the first node in order.

        None if no option has a distance below `length_left`. A path that does not reach the end
        was stopped by barred nodes, which the distances do not know of.
        """
        near = [n for n in options if n in distances and n not in barred]
        if not near:
            return None
        node = min(near, key=lambda n: (distances[n], n))
        if distances[node] >= length_left:
            return None
        rest = [node]
        while distances[node]:
            closer = distances[node] - 1
            for other in self._look_at(node):
                if distances.get(other) == closer and other not in barred:
                    break
            else:
                break
            node = other
            rest.append(node)
        return tuple(rest)

    def _measure(
        self,
        barred: frozenset[str],
        max_distance: int,
        wanted: frozenset[str] = frozenset(),
    ) -> dict[str, int]:
        """Return the distances to the end of nodes that reach it without the barred ones.

        Once a wanted node has one, only nodes that are as near or nearer have one.
        """
        distances = {self._end: 0}
        level = [self._end]
        for distance in range(1, max_distance + 1):
            if not level or not wanted.isdisjoint(level):
                break
            level = self._list_new(level, distances, barred)
            distances.update(dict.fromkeys(level, distance))
        return distances

    def _list_new(
        self, level: Sequence[str], known: Collection[str], barred: frozenset[str]
    ) -> list[str]:
        new: dict[str, None] = {}
        for node in level:
            before = self._predecessors[node]
            self._spend(len(before))
            new.update((n, None) for n in before if n not in known and n not in barred)
        return list(new)

    def _look_at(self, node: str) -> Sequence[str]:
        after = self._successors.get(node, ())
        self._spend(len(after))
        return after

    def _spend(self, work: int) -> None:
        self._work_left -= work + 1
        if self._work_left < 0:
            raise _OutOfWorkError
