"""A model's rating: 26 fields, kept as JSON text, field for field what was saved."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from storage.errors import UndecodableError

Score = Annotated[float, Field(allow_inf_nan=False)]
Label = Annotated[str, StringConstraints(max_length=512)]


class _Scores(BaseModel):
    """Field names as the API spells them; the earlier backend's snake_case is read too."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        extra="forbid",
        strict=True,
        frozen=True,
    )


class SizeScore(_Scores):
    """How well the model fits each kind of machine."""

    raspberry_pi: Score
    jetson_nano: Score
    desktop_pc: Score
    aws_server: Score


class Rating(_Scores):
    """The scores of a model; every latency is in seconds, reviewedness may be -1."""

    name: Label
    category: Label
    net_score: Score
    net_score_latency: Score
    ramp_up_time: Score
    ramp_up_time_latency: Score
    bus_factor: Score
    bus_factor_latency: Score
    performance_claims: Score
    performance_claims_latency: Score
    license: Score
    license_latency: Score
    dataset_and_code_score: Score
    dataset_and_code_score_latency: Score
    dataset_quality: Score
    dataset_quality_latency: Score
    code_quality: Score
    code_quality_latency: Score
    reproducibility: Score
    reproducibility_latency: Score
    reviewedness: Score
    reviewedness_latency: Score
    tree_score: Score
    tree_score_latency: Score
    size_score: SizeScore
    size_score_latency: Score


def encode_rating(rating: Rating) -> str:
    """The JSON text of a rating, in the earlier backend's field names."""
    return rating.model_dump_json()


def decode_rating(text: str) -> Rating:
    """The rating that `text` holds.

    Raises:
        UndecodableError: where it holds no whole rating.
    """
    try:
        return Rating.model_validate_json(text, extra="ignore")
    except ValidationError as error:
        raise UndecodableError("a stored rating is not a rating") from error


def is_rating(text: str) -> bool:
    """Whether `text` holds a whole rating."""
    try:
        decode_rating(text)
    except UndecodableError:
        return False
    return True
