"""What a document asks for, as far as its text alone tells it."""

from collections.abc import Iterable, Iterator

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    SelectionNode,
)

from storage.artifacts.projection import Projection
from storage.artifacts.records import PartialArtifact

_DETAILS = {
    "license": "license",
    "tags": "tags",
    "createdAt": "created_at",
    "updatedAt": "updated_at",
    "rating": "rating",
    **dict.fromkeys(
        (
            "references",
            "dataset",
            "datasets",
            "code",
            "codes",
            "baseModel",
            "baseModels",
            "lineage",
        ),
        "references",
    ),
}
"""By the names of fields: what else has such a name makes us read more, and nothing wrong."""
_RATING, _RATING_TYPE = "rating", "ModelRating"
"""What is selected of it is nothing of artifacts: its `license` is a score."""


def details_of(document: DocumentNode) -> Projection[PartialArtifact]:
    """What the fields of a document need, whichever of its operations is executed.

    The store need read no other details of artifacts.
    """
    others = [d for d in document.definitions if _is_of(d) != _RATING_TYPE]
    names = map(_name, _selections(others, closed=_RATING))
    return Projection.from_details(_DETAILS[name] for name in names if name in _DETAILS)


def selects_always_the_same(document: DocumentNode) -> bool:
    """Whether what it selects is up to no variables: only directives ask for these."""
    return not any(node.directives for node in _selections(document.definitions))


def _selections(
    definitions: Iterable[DefinitionNode], closed: str = ""
) -> Iterator[SelectionNode]:
    """All that is selected anywhere, fragments included; not what is of the `closed` field."""
    left = [top for d in definitions if (top := getattr(d, "selection_set", None))]
    while left:
        for selection in left.pop().selections:
            yield selection
            inner = getattr(selection, "selection_set", None)
            if inner and _name(selection) != closed:
                left.append(inner)


def _is_of(definition: DefinitionNode) -> str | None:
    if isinstance(definition, FragmentDefinitionNode):
        return definition.type_condition.name.value
    return None


def _name(selection: SelectionNode) -> str | None:
    return selection.name.value if isinstance(selection, FieldNode) else None
