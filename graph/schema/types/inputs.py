"""The inputs of the mutations that register and update artifacts.

Storage validates the fields, and defines the limits that their descriptions state.
"""

import strawberry

from graph.schema.types.enums import ReferenceRole
from graph.schema.types.rating import ModelRatingInput
from graph.schema.types.scalars import Url
from graph.schema.types.strawberry_fields import RawInput, raw_input

_SIZE = "All fields of an artifact together have at most 150,000 bytes as JSON."
_UPDATE = f"A field that is left out keeps its value; null or an empty list clears it. {_SIZE}"


@strawberry.input(
    description="A reference to an artifact that a model was built from, by ID, URL or name. "
    "Exactly one of `id`, `url` and `name` must be given, otherwise it is `INVALID`. The "
    "artifact does not have to be registered yet. Of references of one kind with the same "
    "target and role, the first is kept.",
)
class ReferenceInput:
    """A reference to write."""

    id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="The ID of the artifact: letters, digits and hyphens, at most 128.",
    )
    url: Url | None = strawberry.field(
        default=strawberry.UNSET,
        description="The URL of the artifact, compared exactly, at most 2,000 bytes.",
    )
    name: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The name of the artifact, ignoring case and surrounding whitespace, at "
        "most 512 characters. If several artifacts have the name, it resolves to the name "
        "owner: the one that has had it longest.",
    )
    role: ReferenceRole | None = strawberry.field(
        default=strawberry.UNSET,
        description="What the model used the artifact for. The role must belong to the kind of "
        "the reference.",
    )
    revision: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The commit, tag or version of the artifact that was used, of 1 to 256 "
        "characters.",
    )


@strawberry.input(description="A key and a value that describe an artifact.")
class PropertyInput:
    """A property to write."""

    key: str = strawberry.field(
        description="The key, of 1 to 128 characters. An artifact cannot have a key twice."
    )
    value: str = strawberry.field(description="The value, at most 1,024 characters.")


@strawberry.input
class _CommonFields:
    """The optional fields of all artifacts."""

    download_url: Url | None = strawberry.field(
        default=strawberry.UNSET,
        description="The download location of the artifact's files, at most 2,000 bytes.",
    )
    description: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The description of the artifact, at most 4,000 characters. A blank one is "
        "null.",
    )
    license: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The license of the artifact, preferably an SPDX identifier, at most 256 "
        "characters. It is kept as given; a blank one is null.",
    )
    tags: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The tags of the artifact, at most 100 of 1 to 256 characters each, none "
        "blank. They are kept as given.",
    )
    properties: list[PropertyInput] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The properties of the artifact, at most 32. They replace all earlier "
        "ones, and are kept in the order of their keys.",
    )


@strawberry.input
class _ModelFields:
    """The fields that only models have."""

    datasets: list[ReferenceInput] | None = strawberry.field(
        default=strawberry.UNSET,
        description="References to the datasets that the model was trained on. A model has at "
        "most 90 references of all kinds together.",
    )
    codes: list[ReferenceInput] | None = strawberry.field(
        default=strawberry.UNSET,
        description="References to the code that trained the model. A model has at most 90 "
        "references of all kinds together.",
    )
    base_models: list[ReferenceInput] | None = strawberry.field(
        default=strawberry.UNSET,
        description="References to the models that the model was made from. A model has at "
        "most 90 references of all kinds together.",
    )
    rating: ModelRatingInput | None = strawberry.field(
        default=strawberry.UNSET, description="The rating of the model."
    )


@strawberry.input
class _RegisterFields(_CommonFields):
    """The fields of a registration."""

    url: Url = strawberry.field(
        description="The URL where the artifact is published, unique within its type, at most "
        "2,000 bytes."
    )
    name: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The name of the artifact, at most 512 characters, neither blank nor `*`. "
        "If it is left out, a new artifact gets a name derived from the URL by rules of its "
        "host: `owner/name` on GitHub and Hugging Face, for example, and elsewhere the last "
        "meaningful segment of the path.",
    )


@strawberry.input
class _UpdateFields(_CommonFields):
    """The fields of an update."""

    url: Url | None = strawberry.field(
        default=strawberry.UNSET,
        description="The new URL of the artifact, unique within its type, at most 2,000 bytes. "
        "It cannot be cleared.",
    )
    name: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The new name of the artifact, at most 512 characters, neither blank nor "
        "`*`. It cannot be cleared.",
    )


@raw_input(f"The fields of a model to register. {_SIZE}")
class RegisterModelInput(_RegisterFields, _ModelFields, RawInput):
    """The fields of a new model."""


@raw_input(f"The fields of a dataset to register. {_SIZE}")
class RegisterDatasetInput(_RegisterFields, RawInput):
    """The fields of a new dataset."""


@raw_input(f"The fields of code to register. {_SIZE}")
class RegisterCodeInput(_RegisterFields, RawInput):
    """The fields of new code."""


@raw_input("An artifact to register. Exactly one field must be given.", one_of=True)
class RegisterArtifactInput(RawInput):
    """The fields of a new artifact of any type."""

    model: RegisterModelInput | None = strawberry.field(
        default=strawberry.UNSET, description="A model to register."
    )
    dataset: RegisterDatasetInput | None = strawberry.field(
        default=strawberry.UNSET, description="A dataset to register."
    )
    code: RegisterCodeInput | None = strawberry.field(
        default=strawberry.UNSET, description="Code to register."
    )


@raw_input(
    f"The fields of a model to change. {_UPDATE} One update can add and remove at most 85 "
    "references in total."
)
class UpdateModelInput(_UpdateFields, _ModelFields, RawInput):
    """The fields of a model to change."""


@raw_input(f"The fields of a dataset to change. {_UPDATE}")
class UpdateDatasetInput(_UpdateFields, RawInput):
    """The fields of a dataset to change."""


@raw_input(f"The fields of code to change. {_UPDATE}")
class UpdateCodeInput(_UpdateFields, RawInput):
    """The fields of code to change."""
