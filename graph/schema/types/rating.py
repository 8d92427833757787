"""The rating of a model: its scores, as types and as inputs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import strawberry

from graph.schema.types.actor import Actor
from graph.schema.types.strawberry_fields import RawInput, raw_input, record_field
from storage.artifacts import rating
from storage.artifacts.records import SavedRating

_SIZE_SCORE = "The scores for how well the model fits different kinds of hardware."


def _score(description: str) -> float | None:
    """Declare a score; typed as the field's value, as strawberry.field is."""
    declared: float | None = strawberry.field(description=description)
    return declared


def _record_score(description: str) -> float | None:
    declared: float | None = record_field(description)
    return declared


def _latency(score: str) -> float | None:
    return _record_score(f"The time it took to compute `{score}`, in seconds.")


@dataclass(kw_only=True)
class SizeScores:
    """The fields of a size score, in the type and in the input."""

    raspberry_pi: float | None = _score("The score for how well the model fits a Raspberry Pi.")
    jetson_nano: float | None = _score("The score for how well the model fits a Jetson Nano.")
    desktop_pc: float | None = _score("The score for how well the model fits a desktop PC.")
    aws_server: float | None = _score("The score for how well the model fits a server on AWS.")


@dataclass(kw_only=True)
class Scores:
    """The fields of a rating except the size score, in the type and in the input."""

    name: str | None = record_field("The name of the rated model, at most 512 characters.")
    category: str | None = record_field(
        "The category that was rated, such as `MODEL`, at most 512 characters."
    )
    net_score: float = record_field("The overall score.")
    net_score_latency: float | None = _latency("netScore")
    ramp_up_time: float | None = _record_score(
        "The score for how quickly people can start to use the model."
    )
    ramp_up_time_latency: float | None = _latency("rampUpTime")
    bus_factor: float | None = _record_score(
        "The score for how many contributors can leave before the model is unmaintained."
    )
    bus_factor_latency: float | None = _latency("busFactor")
    performance_claims: float | None = _record_score(
        "The score for how well the claims about the model's performance are supported."
    )
    performance_claims_latency: float | None = _latency("performanceClaims")
    license: float | None = _record_score("The score for how freely the model can be used.")
    license_latency: float | None = _latency("license")
    dataset_and_code_score: float | None = _record_score(
        "The score for whether the dataset and the code of the model are known."
    )
    dataset_and_code_score_latency: float | None = _latency("datasetAndCodeScore")
    dataset_quality: float | None = _record_score("The score for the quality of the dataset.")
    dataset_quality_latency: float | None = _latency("datasetQuality")
    code_quality: float | None = _record_score("The score for the quality of the code.")
    code_quality_latency: float | None = _latency("codeQuality")
    reproducibility: float | None = _record_score(
        "The score for how easily the model's results can be reproduced."
    )
    reproducibility_latency: float | None = _latency("reproducibility")
    reviewedness: float | None = _record_score(
        "The fraction of the code that was reviewed, or -1 if there is no code to examine."
    )
    reviewedness_latency: float | None = _latency("reviewedness")
    tree_score: float | None = _record_score(
        "The score of the models that this model was made from."
    )
    tree_score_latency: float | None = _latency("treeScore")
    size_score_latency: float | None = _latency("sizeScore")


@strawberry.type(description="Scores for how well a model fits different kinds of hardware.")
class SizeScore(SizeScores):
    """A saved size score."""

    __shows__ = rating.SizeScore


@strawberry.type(
    description="The rating of a model, as it was saved. Scores are usually between 0 and 1; "
    "latencies are in seconds. What was not rated is null."
)
class ModelRating(Scores):
    """A saved rating."""

    record: strawberry.Private[rating.Rating]
    size_score: SizeScore | None = record_field(_SIZE_SCORE)
    rated_at: datetime | None = strawberry.field(
        description="The time when the rating was saved. Null for ratings that were saved "
        "before the registry recorded it."
    )
    rated_by: Actor | None = strawberry.field(
        description="The caller who saved the rating. Null if the caller was anonymous, and "
        "for ratings that were saved before the registry recorded callers."
    )

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the record's
        """Return an attribute of the record."""
        return getattr(self.record, name)

    @classmethod
    def from_record(cls, saved: SavedRating) -> "ModelRating":
        """Return the object of a model's rating.

        Raises:
            UndecodableError: The stored rating cannot be read.
        """
        decoded = rating.decode_rating(saved.text)
        return cls(record=decoded, rated_at=saved.at, rated_by=cast("Actor", saved.by))


@strawberry.input(
    description="Scores for how well a model fits different kinds of hardware. All must be "
    "finite numbers; what is left out or null is not rated."
)
class SizeScoreInput(SizeScores):
    """A size score to save."""


@raw_input(
    "The rating of a model. Only `netScore` is required; what is left out or null is not "
    "rated. All scores and latencies must be finite numbers. Scores are usually between 0 and "
    "1; latencies are in seconds."
)
class ModelRatingInput(Scores, RawInput):
    """A rating to save."""

    size_score: SizeScoreInput | None = strawberry.field(description=_SIZE_SCORE)
