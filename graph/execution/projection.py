"""The artifact attributes that a document needs, derived from its text alone."""

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

_REFERENCE_FIELDS = (
    "references",
    "dataset",
    "datasets",
    "code",
    "codes",
    "baseModel",
    "baseModels",
    "lineage",
    "lineagePaths",
    "provenance",
)
_ATTRIBUTE_OF_FIELD = {
    "description": "description",
    "license": "license",
    "licenseId": "license",
    "licenses": "license",
    "tags": "tags",
    "properties": "properties",
    "property": "properties",
    "createdAt": "created_at",
    "updatedAt": "updated_at",
    "createdBy": "created_by",
    "updatedBy": "updated_by",
    "changedSince": "content_version",
    "rating": "rating",
    "lowestNetScore": "rating",
    **dict.fromkeys(_REFERENCE_FIELDS, "references"),
}
_ML_BOM = ("references", "license", "tags", "description", "properties", "updated_at")
"""The attributes of all artifacts that a bill of materials describes."""
"""By field name, whatever the type: a field of the same name elsewhere only reads more."""
_RATING_FIELD, _RATING_TYPE = "rating", "ModelRating"
"""Fields below these are not attributes of artifacts: a rating's `license` is a score."""


def required_projection(document: DocumentNode) -> Projection[PartialArtifact]:
    """Return the optional artifact attributes that any operation of a document needs."""
    definitions = [d for d in document.definitions if _get_fragment_type(d) != _RATING_TYPE]
    names = map(_get_field_name, _iterate_selections(definitions, skip_below=_RATING_FIELD))
    return Projection.from_details(
        attribute for name in names for attribute in _get_attributes(name)
    )


def _get_attributes(field_name: str | None) -> tuple[str, ...]:
    if field_name == "mlBom":
        return _ML_BOM
    attribute = _ATTRIBUTE_OF_FIELD.get(field_name or "")
    return () if attribute is None else (attribute,)


def _iterate_selections(
    definitions: Iterable[DefinitionNode], skip_below: str = ""
) -> Iterator[SelectionNode]:
    """Yield all selections at any depth, except those below the field `skip_below`."""
    pending = [top for d in definitions if (top := getattr(d, "selection_set", None))]
    while pending:
        for selection in pending.pop().selections:
            yield selection
            inner = getattr(selection, "selection_set", None)
            if inner and _get_field_name(selection) != skip_below:
                pending.append(inner)


def _get_fragment_type(definition: DefinitionNode) -> str | None:
    """Return the type that a fragment applies to; None for an operation."""
    if isinstance(definition, FragmentDefinitionNode):
        return definition.type_condition.name.value
    return None


def _get_field_name(selection: SelectionNode) -> str | None:
    return selection.name.value if isinstance(selection, FieldNode) else None
