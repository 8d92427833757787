"""Which details of artifacts a document asks for, so that the store need read no others."""

from collections.abc import Iterator

from graphql import DocumentNode, FieldNode, SelectionSetNode

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
    """What the fields of a document need, whichever of its operations is executed."""
    tops = [top for d in document.definitions if (top := getattr(d, "selection_set", None))]
    return frozenset(_DETAILS[name] for name in _names(tops) if name in _DETAILS)


def _names(left: list[SelectionSetNode]) -> Iterator[str]:
    """The names of all fields, also of those in fragments, which are definitions too."""
    while left:
        for selection in left.pop().selections:
            if isinstance(selection, FieldNode):
                yield selection.name.value
            if inner := getattr(selection, "selection_set", None):
                left.append(inner)
