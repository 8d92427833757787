"""The enums of the schema, with a description of every value."""

from collections.abc import Mapping
from enum import Enum
from typing import cast

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from graph.auth.roles import Role
from storage.artifacts.changes import ChangeKind
from storage.artifacts.records import ArtifactType, ReferenceKind, ReferenceRole
from storage.artifacts.writes import OnConflict, WriteErrorCode, WriteOutcome
from storage.search.listing import ReferenceState

__all__ = [
    "ArtifactType",
    "ChangeKind",
    "LineageDirection",
    "OnConflict",
    "OrderDirection",
    "ReferenceKind",
    "ReferenceRole",
    "ReferenceState",
    "Role",
    "WriteErrorCode",
    "WriteOutcome",
]
"""Types import enums from this module, because Strawberry knows them only once it has run."""

_MAY_GROW = "More values will be added over time; clients must accept unknown ones."


class LineageDirection(Enum):
    """The direction in which a lineage is followed."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    BOTH = "both"


class OrderDirection(Enum):
    """The direction in which a list is sorted."""

    ASC = "asc"
    DESC = "desc"


def _declare(enum: type[Enum], name: str, description: str, values: Mapping[Enum, str]) -> None:
    """Declare an enum to Strawberry, with a description of the enum and of every value.

    Strawberry accepts descriptions of values only in enums that are written for it, so they
    are set afterwards.
    """
    declared = strawberry.enum(enum, name=name, description=description)
    definition = cast("StrawberryEnumDefinition", vars(declared)["__strawberry_definition__"])
    for value in definition.values:
        value.description = values[enum[value.name]]


_declare(
    ArtifactType,
    "ArtifactType",
    f"The type of an artifact. {_MAY_GROW}",
    {
        ArtifactType.MODEL: "A machine learning model.",
        ArtifactType.DATASET: "Data that models are trained or evaluated on.",
        ArtifactType.CODE: "Code that trains, evaluates or runs models.",
    },
)
_declare(
    ReferenceKind,
    "ReferenceKind",
    f"The kind of a reference: how the model was built from the artifact. {_MAY_GROW}",
    {
        ReferenceKind.DATASET: "A dataset that the model was trained or evaluated on.",
        ReferenceKind.CODE: "Code that trains, evaluates or runs the model.",
        ReferenceKind.BASE_MODEL: "A model that the model was made from, for example by "
        "fine-tuning or distillation.",
    },
)
_declare(
    ReferenceRole,
    "ReferenceRole",
    "What a model used an artifact for. Each role belongs to one kind of reference. "
    f"{_MAY_GROW}",
    {
        ReferenceRole.PRETRAINED_ON: "A dataset that the model was pretrained on.",
        ReferenceRole.TRAINED_ON: "A dataset that the model was trained on.",
        ReferenceRole.FINE_TUNED_ON: "A dataset that the model was fine-tuned on.",
        ReferenceRole.EVALUATED_ON: "A dataset that the model was evaluated on.",
        ReferenceRole.FINE_TUNED: "A base model that was fine-tuned.",
        ReferenceRole.ADAPTER: "A base model that this model is an adapter for, such as LoRA "
        "weights.",
        ReferenceRole.QUANTIZED: "A base model that was quantized.",
        ReferenceRole.MERGED: "A base model that was merged with others.",
        ReferenceRole.DISTILLED: "A base model that was distilled.",
        ReferenceRole.TRAINING: "Code that trained the model.",
        ReferenceRole.EVALUATION: "Code that evaluates the model.",
        ReferenceRole.INFERENCE: "Code that runs the model.",
    },
)
_declare(
    ReferenceState,
    "ReferenceState",
    "What a reference resolves to now, compared with what it resolved to when it was written.",
    {
        ReferenceState.RESOLVED: "It resolves to the artifact that it resolved to when it was "
        "written or, if it resolved to none then, to one now.",
        ReferenceState.RETARGETED: "It resolves to another artifact than when it was written.",
        ReferenceState.LOST: "It resolved to an artifact when it was written, and to none now.",
        ReferenceState.UNRESOLVED: "It resolves to none now, and did not when it was written.",
    },
)
_declare(
    ChangeKind,
    "ChangeKind",
    f"What a change did to an artifact. {_MAY_GROW}",
    {
        ChangeKind.REGISTERED: "The artifact was registered.",
        ChangeKind.UPDATED: "Fields of the artifact were changed.",
        ChangeKind.RATED: "The rating of the model was changed, and nothing else.",
        ChangeKind.DELETED: "The artifact was deleted.",
        ChangeKind.RESTORED: "The artifact was restored after it had been deleted.",
    },
)
_declare(
    WriteOutcome,
    "WriteOutcome",
    "What a mutation did to an artifact.",
    {
        WriteOutcome.CREATED: "The artifact was created.",
        WriteOutcome.UPDATED: "The artifact was changed, and its version was increased by 1.",
        WriteOutcome.UNCHANGED: "The artifact already had all the given values; it kept its "
        "version and `updatedAt`.",
    },
)
_declare(
    OnConflict,
    "OnConflict",
    "What a registration does if an artifact of the same type already has the URL.",
    {
        OnConflict.REJECT: "Change nothing and return an `ALREADY_EXISTS` error that contains "
        "the existing artifact.",
        OnConflict.UPDATE: "Update the existing artifact with the given fields. A field that "
        "is left out keeps its value.",
    },
)
_declare(
    WriteErrorCode,
    "UserErrorCode",
    f"The reason why a mutation was rejected. {_MAY_GROW}",
    {
        WriteErrorCode.INVALID: "A value is not valid; `message` says why.",
        WriteErrorCode.NOT_FOUND: "No artifact has this ID, or no deleted artifact that can "
        "be restored.",
        WriteErrorCode.ALREADY_EXISTS: "Another artifact of the same type has this URL.",
        WriteErrorCode.VERSION_CONFLICT: "The artifact does not have the expected version, "
        "for example because it was changed in the meantime. Read it again before you repeat "
        "the mutation.",
        WriteErrorCode.WRONG_TYPE: "The artifact with this ID is of another type.",
        WriteErrorCode.TOO_MANY: "A list has too many items, an update changes too many "
        "references, or all fields of the artifact together are too large.",
        WriteErrorCode.FORBIDDEN: "The caller may not write this artifact, or not give it this "
        "URL: the token is limited to other URLs.",
    },
)
_declare(
    OrderDirection,
    "OrderDirection",
    "The sort direction of a list.",
    {
        OrderDirection.ASC: "Ascending: from A to Z, oldest first, lowest score first.",
        OrderDirection.DESC: "Descending: from Z to A, newest first, highest score first.",
    },
)
_declare(
    LineageDirection,
    "LineageDirection",
    "The direction in which a lineage is followed.",
    {
        LineageDirection.UPSTREAM: "The artifacts that the starting artifact was built from.",
        LineageDirection.DOWNSTREAM: "The artifacts that were built from the starting "
        "artifact.",
        LineageDirection.BOTH: "The upstream and the downstream artifacts of the starting "
        "artifact.",
    },
)
_declare(
    Role,
    "Role",
    "The roles of callers; each includes the permissions of those before it.",
    {
        Role.NONE: "Permits nothing but `viewer`.",
        Role.READ: "Permits queries.",
        Role.WRITE: "Permits to register, update and rate.",
        Role.ADMIN: "Permits to delete, restore and reset.",
    },
)
