"""Ratings of models, stored as JSON text exactly as they were saved; one score is required."""

from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from storage.artifacts.decoding_cache import keep_decoded
from storage.artifacts.texts import STORED, Text
from storage.errors import UndecodableError

Score = Annotated[float, Field(allow_inf_nan=False), AfterValidator(lambda score: score + 0.0)]
"""A finite number; minus zero is zero, so that it is no change."""
Label = Annotated[str, StringConstraints(max_length=512), Text]


class _Scores(BaseModel):
    """Scores with the API's field names; snake_case, as it is stored, is accepted too."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        extra="forbid",
        strict=True,
        frozen=True,
    )


class SizeScore(_Scores):
    """Scores of how well a model fits each kind of machine."""

    raspberry_pi: Score | None = None
    jetson_nano: Score | None = None
    desktop_pc: Score | None = None
    aws_server: Score | None = None


class Rating(_Scores):
    """The scores of a model; what was not rated is None.

    Latencies are in seconds; `reviewedness` may be -1.
    """

    name: Label | None = None
    category: Label | None = None
    net_score: Score
    net_score_latency: Score | None = None
    ramp_up_time: Score | None = None
    ramp_up_time_latency: Score | None = None
    bus_factor: Score | None = None
    bus_factor_latency: Score | None = None
    performance_claims: Score | None = None
    performance_claims_latency: Score | None = None
    license: Score | None = None
    license_latency: Score | None = None
    dataset_and_code_score: Score | None = None
    dataset_and_code_score_latency: Score | None = None
    dataset_quality: Score | None = None
    dataset_quality_latency: Score | None = None
    code_quality: Score | None = None
    code_quality_latency: Score | None = None
    reproducibility: Score | None = None
    reproducibility_latency: Score | None = None
    reviewedness: Score | None = None
    reviewedness_latency: Score | None = None
    tree_score: Score | None = None
    tree_score_latency: Score | None = None
    size_score: SizeScore | None = None
    size_score_latency: Score | None = None


def encode_rating(rating: Rating) -> str:
    """Return the JSON text of a rating, in snake_case, without the fields that are None."""
    return rating.model_dump_json(exclude_none=True)


@keep_decoded
def decode_rating(text: str) -> Rating:
    """Return the rating in a JSON text.

    Raises:
        UndecodableError: if the text is not a rating.
    """
    try:
        return Rating.model_validate_json(text, extra="ignore", context=STORED)
    except ValidationError as error:
        raise UndecodableError("the stored rating cannot be read") from error


def is_rating(text: str) -> bool:
    """Return whether a JSON text is a rating."""
    try:
        decode_rating(text)
    except UndecodableError:
        return False
    return True
