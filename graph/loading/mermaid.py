"""Draws a lineage as a Mermaid flowchart in which any name is shown as text."""

import re
from collections.abc import Sequence

from graph.loading.lineage_edges import Edge
from graph.loading.lineage_walk import Lineage
from storage.artifacts.records import ArtifactType, PartialArtifact

MAX_EDGES = 500
"""Mermaid itself refuses to draw more, unless its `maxEdges` is raised."""

_SHAPES = {
    ArtifactType.MODEL: ("[", "]"),
    ArtifactType.DATASET: ("[(", ")]"),
    ArtifactType.CODE: ("[[", "]]"),
}
_UNSAFE = re.compile(r"[^\w./-]|(?<![^\W_])[._/-]|[._/-](?![^\W_])|(?<=www)\.", re.IGNORECASE)
"""All but letters, digits, and single dots, hyphens and the like between them.

Labels are read by three languages: Mermaid's own (quotes, `#` codes, icons, `\\n`, and any line
with "direction TB"), Markdown (backticks, lists, links such as www.example.org) and HTML. None
of them gives a letter or a digit a meaning.
"""
_PLACEHOLDERS = re.compile("(?<=\ufb02)(?=\xb0)|(?<=\xb6)(?=\xdf)")
"""Texts with the characters by which Mermaid replaces `#` and `;` for a while: whatever
looks so is a code to it. An invisible character between them prevents that."""
_WORD_JOINER = "\u2060"


def draw_lineage(lineage: Lineage, edges: Sequence[Edge]) -> str | None:
    """Return the text of a flowchart, from upstream to downstream; None above MAX_EDGES."""
    if len(edges) > MAX_EDGES:
        return None
    numbers = {artifact.id: n for n, artifact in enumerate(lineage.artifacts)}
    lines = [
        "flowchart LR",
        *map(_draw_node, numbers.values(), lineage.artifacts),
        *(
            f'n{numbers[edge.upstream]} -->|"{_describe(edge)}"| n{numbers[edge.downstream]}'
            for edge in edges
        ),
        "style n0 stroke-width:4px",
    ]
    return "\n    ".join(lines) + "\n"


def _draw_node(number: int, artifact: PartialArtifact) -> str:
    opening, closing = _SHAPES[artifact.type]
    return f"n{number}{opening}{_draw_label(artifact.name)}{closing}"


def _describe(edge: Edge) -> str:
    """Return the role of an edge, or its kind if it has none, in words."""
    return (edge.role or edge.kind).name.lower().replace("_", " ")


def _draw_label(text: str) -> str:
    separated = _PLACEHOLDERS.sub(_WORD_JOINER, text)
    escaped = _UNSAFE.sub(lambda match: f"#{ord(match[0])};", separated)
    return f'"{escaped}"'
