"""GraphQL enums made from the registry's own, with a description for every value."""

from collections.abc import Mapping
from enum import Enum
from typing import cast

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from storage.artifacts.records import ArtifactType, OnConflict, ReferenceKind, WriteErrorCode
from storage.search.listing import OrderField

__all__ = [
    "ArtifactType",
    "LineageDirection",
    "OnConflict",
    "OrderDirection",
    "OrderField",
    "ReferenceKind",
    "WriteErrorCode",
]
"""Schema code takes them from here: until they are described, Strawberry does not know them."""


class LineageDirection(Enum):
    """Which way a lineage is walked."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    BOTH = "both"


class OrderDirection(Enum):
    """Which way a listing runs."""

    ASC = "asc"
    DESC = "desc"


def _describe(
    enum: type[Enum], name: str, description: str, values: Mapping[Enum, str]
) -> None:
    """Make an enum known to Strawberry.

    Strawberry takes descriptions of values only from enums written for it: they are set after.
    """
    known = strawberry.enum(enum, name=name, description=description)
    definition = cast("StrawberryEnumDefinition", vars(known)["__strawberry_definition__"])
    for value in definition.values:
        value.description = values[enum[value.name]]


_describe(
    ArtifactType,
    "ArtifactType",
    "What an artifact is.",
    {
        ArtifactType.MODEL: "A machine-learning model.",
        ArtifactType.DATASET: "Data that models are trained or evaluated on.",
        ArtifactType.CODE: "Code that trains, evaluates or runs models.",
    },
)
_describe(
    ReferenceKind,
    "ReferenceKind",
    "What a model says it was built from.",
    {
        ReferenceKind.DATASET: "A dataset that the model was trained on.",
        ReferenceKind.CODE: "Code that trained the model.",
        ReferenceKind.BASE_MODEL: "A model that this one was made from, by fine-tuning, "
        "distillation or the like.",
    },
)
_describe(
    OnConflict,
    "OnConflict",
    "What registering does when an artifact of the same type and url is there already.",
    {
        OnConflict.REJECT: "Change nothing and answer ALREADY_EXISTS with the artifact.",
        OnConflict.UPDATE: "Update the artifact that is there with the fields that are given.",
    },
)
_describe(
    WriteErrorCode,
    "UserErrorCode",
    "Why a write was refused.",
    {
        WriteErrorCode.INVALID: "A value breaks a rule; the message says which.",
        WriteErrorCode.NOT_FOUND: "There is no artifact with this id.",
        WriteErrorCode.ALREADY_EXISTS: "Another artifact of this type has this url.",
        WriteErrorCode.VERSION_CONFLICT: "The artifact has changed since `expectedVersion`: "
        "read it again and decide anew.",
        WriteErrorCode.WRONG_TYPE: "The artifact is of another type.",
        WriteErrorCode.TOO_MANY: "More entries than a list may have.",
    },
)
_describe(
    OrderField,
    "ArtifactOrderField",
    "What a listing can be ordered by; ids break ties.",
    {
        OrderField.NAME: "The normalised name: ignoring case and surrounding blanks.",
        OrderField.CREATED_AT: "When the artifact was registered.",
    },
)
_describe(
    OrderDirection,
    "OrderDirection",
    "Which way a listing runs.",
    {
        OrderDirection.ASC: "From A to Z, oldest first.",
        OrderDirection.DESC: "From Z to A, newest first.",
    },
)
_describe(
    LineageDirection,
    "LineageDirection",
    "Which way a lineage is walked.",
    {
        LineageDirection.UPSTREAM: "To what it was built from.",
        LineageDirection.DOWNSTREAM: "To what was built from it.",
        LineageDirection.BOTH: "Upstream and downstream, each from where the walk began.",
    },
)
