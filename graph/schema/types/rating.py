"""The rating of a model: its scores, as types and as inputs."""

from dataclasses import dataclass

import strawberry

from graph.schema.types.strawberry_fields import RawInput, raw_input
from storage.artifacts import rating

_SIZE_SCORE = "The scores for how well the model fits different kinds of hardware."


def _score(description: str) -> float:
    """Declare a score; typed as the field's value, as strawberry.field is."""
    field: float = strawberry.field(description=description)
    return field


def _latency(score: str) -> float:
    return _score(f"The time it took to compute `{score}`, in seconds.")


@dataclass(kw_only=True)
class SizeScores:
    """The fields of a size score, in the type and in the input."""

    raspberry_pi: float = _score("The score for how well the model fits a Raspberry Pi.")
    jetson_nano: float = _score("The score for how well the model fits a Jetson Nano.")
    desktop_pc: float = _score("The score for how well the model fits a desktop PC.")
    aws_server: float = _score("The score for how well the model fits a server on AWS.")


@dataclass(kw_only=True)
class Scores:
    """The fields of a rating except the size score, in the type and in the input."""

    name: str = strawberry.field(
        description="The name of the rated model, at most 512 characters."
    )
    category: str = strawberry.field(
        description="The category that was rated, such as `MODEL`, at most 512 characters."
    )
    net_score: float = _score("The overall score.")
    net_score_latency: float = _latency("netScore")
    ramp_up_time: float = _score("The score for how quickly people can start to use the model.")
    ramp_up_time_latency: float = _latency("rampUpTime")
    bus_factor: float = _score(
        "The score for how many contributors can leave before the model is unmaintained."
    )
    bus_factor_latency: float = _latency("busFactor")
    performance_claims: float = _score(
        "The score for how well the claims about the model's performance are supported."
    )
    performance_claims_latency: float = _latency("performanceClaims")
    license: float = _score("The score for how freely the model can be used.")
    license_latency: float = _latency("license")
    dataset_and_code_score: float = _score(
        "The score for whether the dataset and the code of the model are known."
    )
    dataset_and_code_score_latency: float = _latency("datasetAndCodeScore")
    dataset_quality: float = _score("The score for the quality of the dataset.")
    dataset_quality_latency: float = _latency("datasetQuality")
    code_quality: float = _score("The score for the quality of the code.")
    code_quality_latency: float = _latency("codeQuality")
    reproducibility: float = _score(
        "The score for how easily the model's results can be reproduced."
    )
    reproducibility_latency: float = _latency("reproducibility")
    reviewedness: float = _score(
        "The fraction of the code that was reviewed, or -1 if there is no code to examine."
    )
    reviewedness_latency: float = _latency("reviewedness")
    tree_score: float = _score("The score of the models that this model was made from.")
    tree_score_latency: float = _latency("treeScore")
    size_score_latency: float = _latency("sizeScore")


@strawberry.type(description="Scores for how well a model fits different kinds of hardware.")
class SizeScore(SizeScores):
    """A saved size score."""

    __shows__ = rating.SizeScore


@strawberry.type(
    description="The rating of a model, as it was saved. Scores are usually between 0 and 1; "
    "latencies are in seconds."
)
class ModelRating(Scores):
    """A saved rating."""

    __shows__ = rating.Rating

    size_score: SizeScore = strawberry.field(description=_SIZE_SCORE)


@strawberry.input(
    description="Scores for how well a model fits different kinds of hardware. All must be "
    "finite numbers."
)
class SizeScoreInput(SizeScores):
    """A size score to save."""


@raw_input(
    "The rating of a model. All scores and latencies must be finite numbers. Scores are "
    "usually between 0 and 1; latencies are in seconds."
)
class ModelRatingInput(Scores, RawInput):
    """A rating to save."""

    size_score: SizeScoreInput = strawberry.field(description=_SIZE_SCORE)
