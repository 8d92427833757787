"""What mutations are given: artifacts to register, and changes to them."""

import strawberry

from graph.schema.types.rating import ModelRatingInput
from graph.schema.types.raw_inputs import Given, as_given
from graph.schema.types.scalars import Url


@strawberry.input(one_of=True, description="What a model was built from: exactly one of these.")
class ReferenceInput:
    """A reference that is asked for."""

    id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The artifact that has this id."
    )
    url: Url | None = strawberry.field(
        default=strawberry.UNSET, description="The artifact that has exactly this url."
    )
    name: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The artifact that bears this name, ignoring case and surrounding blanks; "
        "of several, the one that has borne it longest.",
    )


@strawberry.input
class _Common:
    """What every artifact may be given."""

    download_url: Url | None = strawberry.field(
        default=strawberry.UNSET, description="Where its files can be had."
    )
    license: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its license; best an SPDX id."
    )
    tags: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Labels, at most 100."
    )


@strawberry.input
class _Links:
    """What a model may be given beside that; all references together are at most 90."""

    datasets: list[ReferenceInput] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The datasets it was trained on, registered yet or not. A model has at "
        "most 90 references in all.",
    )
    codes: list[ReferenceInput] | None = strawberry.field(
        default=strawberry.UNSET, description="The code that trained it, registered yet or not."
    )
    base_models: list[ReferenceInput] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The models it was made from, registered yet or not.",
    )
    rating: ModelRatingInput | None = strawberry.field(
        default=strawberry.UNSET, description="Its scores."
    )


@strawberry.input
class _New(_Common):
    """What a new artifact is given."""

    url: Url = strawberry.field(description="Where it lives: unique for its type.")
    name: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its name, at most 512 characters. Left out, it is taken from the url: the "
        "last telling segment of the path, or `owner/name` on a forge such as GitHub.",
    )


@strawberry.input
class _Changed(_Common):
    """What a known artifact is given."""

    url: Url | None = strawberry.field(
        default=strawberry.UNSET, description="Its new url; it cannot be cleared."
    )
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its new name; it cannot be cleared."
    )


@as_given("A model to register.")
class RegisterModelInput(_New, _Links, Given):
    """A new model."""


@as_given("A dataset to register.")
class RegisterDatasetInput(_New, Given):
    """A new dataset."""


@as_given("Code to register.")
class RegisterCodeInput(_New, Given):
    """New code."""


@as_given("An artifact to register: exactly one of these.", one_of=True)
class RegisterArtifactInput(Given):
    """A new artifact of any type."""

    model: RegisterModelInput | None = strawberry.field(
        default=strawberry.UNSET, description="A model."
    )
    dataset: RegisterDatasetInput | None = strawberry.field(
        default=strawberry.UNSET, description="A dataset."
    )
    code: RegisterCodeInput | None = strawberry.field(
        default=strawberry.UNSET, description="Code."
    )


@as_given("What to change of a model: a field left out keeps its value, null or [] clears it.")
class UpdateModelInput(_Changed, _Links, Given):
    """Changes to a model."""


@as_given(
    "What to change of a dataset: a field left out keeps its value, null or [] clears it."
)
class UpdateDatasetInput(_Changed, Given):
    """Changes to a dataset."""


@as_given("What to change of code: a field left out keeps its value, null or [] clears it.")
class UpdateCodeInput(_Changed, Given):
    """Changes to code."""
