"""What a document asks for, as far as its text alone tells it."""

from collections.abc import Iterator

from graphql import DocumentNode, FieldNode, SelectionNode

from storage.records import Details

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


def details_of(document: DocumentNode) -> Details:
    """What the fields of a document need, whichever of its operations is executed.

    The store need read no other details of artifacts.
    """
    names = (n.name.value for n in _selections(document) if isinstance(n, FieldNode))
    return frozenset(_DETAILS[name] for name in names if name in _DETAILS)


def selects_always_the_same(document: DocumentNode) -> bool:
    """Whether what it selects is up to no variables: only directives ask for these."""
    return not any(node.directives for node in _selections(document))


def _selections(document: DocumentNode) -> Iterator[SelectionNode]:
    """All that is selected anywhere, also in fragments, which are definitions too."""
    left = [top for d in document.definitions if (top := getattr(d, "selection_set", None))]
    while left:
        for selection in left.pop().selections:
            yield selection
            if inner := getattr(selection, "selection_set", None):
                left.append(inner)
