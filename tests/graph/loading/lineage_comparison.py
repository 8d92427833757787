"""Compares answers about lineages with plain walks over random artifacts."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.graph.loading.random_lineages import (
    KIND_OF_TYPE,
    Link,
    World,
    list_paths,
    walk,
)

KINDS = set(KIND_OF_TYPE.values())


@dataclass
class LineageComparison:
    """Artifacts, their links and ids, and the arguments of the query about them."""

    world: World
    links: list[Link]
    ids: dict[int, str]
    arguments: dict[str, Any]

    def check_lineage(self, graph: dict[str, Any]) -> None:
        root, first = self.arguments["root"], self.arguments["first"]
        chosen = self.arguments["kinds"]
        kinds = KINDS if chosen is None else set(chosen)
        up, down = (self._walk(upstream, kinds) for upstream in (True, False))
        expected = {self.ids[n]: (up.get(n), down.get(n)) for n in {**up, **down}}
        nodes = [
            (node["artifact"]["id"], (node["upstreamDistance"], node["downstreamDistance"]))
            for node in graph["nodes"]
        ]
        nearest = [min(d for d in distances if d is not None) for _, distances in nodes]
        everything = sorted(min(d for d in ds if d is not None) for ds in expected.values())
        assert graph["root"]["id"] == self.ids[root]
        assert graph["complete"] is (len(expected) <= first)
        assert nearest == everything[:first]
        if graph["complete"]:
            assert dict(nodes) == expected
        known = {self.ids[root], *dict(nodes)}
        assert len(known) == len(nodes) + 1
        edges = [_to_tuple(edge) for edge in graph["edges"]]
        assert len(edges) == len(set(edges))
        assert set(edges) == {
            edge
            for link in self.links
            if link.kind in kinds and (edge := self._edge(link)) and known >= {*edge[:2]}
        }
        assert graph["mermaid"].count("-->") == len(edges)

    def _walk(self, upstream: bool, kinds: set[str]) -> dict[int, int]:
        if self.arguments["direction"] == ("DOWNSTREAM" if upstream else "UPSTREAM"):
            return {}
        root, depth = self.arguments["root"], self.arguments["depth"]
        return walk(self.links, root, depth, upstream=upstream, kinds=kinds)

    def check_provenance(self, summary: dict[str, Any]) -> None:
        root, depth, kinds = self.arguments["root"], self.arguments["depth"], KINDS
        found = walk(self.links, root, depth, upstream=True, kinds=kinds)
        everything = walk(self.links, root, 1_000, upstream=True, kinds=kinds)
        met = [link for link in self.links if link.model in {root, *found}]
        is_complete = found == everything
        assert summary["complete"] is is_complete
        assert summary["artifactCount"] == len(found)
        are_resolved = all(link.state == "RESOLVED" for link in met)
        assert summary["allResolved"] is (is_complete and are_resolved)
        assert Counter(
            (
                r["model"]["id"],
                r["kind"],
                r["role"],
                r["state"],
                (r["artifact"] or {}).get("id"),
            )
            for r in summary["references"]
        ) == Counter(
            (
                self.ids[e.model],
                e.kind,
                e.role,
                e.state,
                None if e.now is None else self.ids[e.now],
            )
            for e in met
        )
        artifacts = self.world.artifacts
        scores = [s for n in found if (s := artifacts[n].score) is not None]
        assert summary["lowestNetScore"] == min(scores, default=None)
        by_license: dict[str | None, list[str]] = {}
        for n in sorted(found, key=lambda n: (found[n], self.ids[n])):
            text = artifacts[n].license
            by_license.setdefault(text and text.lower(), []).append(self.ids[n])
        assert {
            use["license"] and use["license"].lower(): [a["id"] for a in use["artifacts"]]
            for use in summary["licenses"]
        } == by_license

    def check_paths(self, found: dict[str, Any]) -> None:
        arguments = self.arguments
        ends = arguments["other"], arguments["root"]
        expected = list_paths(self.links, *ends, arguments["maxLength"], self.ids.__getitem__)
        first = arguments["firstPaths"]
        assert found["complete"] is (len(expected) <= first)
        paths = [[artifact["id"] for artifact in path["artifacts"]] for path in found["paths"]]
        assert paths == [[self.ids[number] for number in path] for path in expected[:first]]
        edges: dict[tuple[str, str], tuple[Any, ...]] = {}
        for edge in filter(None, map(self._edge, self.links)):
            edges.setdefault(edge[:2], edge)
        for path, ids in zip(found["paths"], paths, strict=True):
            assert [_to_tuple(e) for e in path["edges"]] == [edges[e] for e in pairwise(ids)]

    def _edge(self, link: Link) -> tuple[str, str, str, str | None] | None:
        if link.now is None:
            return None
        return self.ids[link.now], self.ids[link.model], link.kind, link.role


def _to_tuple(edge: dict[str, Any]) -> tuple[Any, ...]:
    return edge["upstreamId"], edge["downstreamId"], edge["kind"], edge["role"]
