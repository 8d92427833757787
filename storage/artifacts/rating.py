"""Ratings of models: 26 fields, stored as JSON text exactly as they were saved."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from storage.errors import UndecodableError

Score = Annotated[float, Field(allow_inf_nan=False)]
Label = Annotated[str, StringConstraints(max_length=512)]


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

    raspberry_pi: Score
    jetson_nano: Score
    desktop_pc: Score
    aws_server: Score


class Rating(_Scores):
    """The scores of a model. Latencies are in seconds; `reviewedness` may be -1."""

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
    """Return the JSON text of a rating, with field names in snake_case."""
    return rating.model_dump_json()


def decode_rating(text: str) -> Rating:
    """Return the rating in a JSON text.

    Raises:
        UndecodableError: if the text is not a complete rating.
    """
    try:
        return Rating.model_validate_json(text, extra="ignore")
    except ValidationError as error:
        raise UndecodableError("the stored rating cannot be read") from error


def is_rating(text: str) -> bool:
    """Return whether a JSON text is a complete rating."""
    try:
        decode_rating(text)
    except UndecodableError:
        return False
    return True
