"""Ratings: the scores of a model, to read and to save."""

from dataclasses import dataclass

import strawberry

from graph.schema.types.raw_inputs import Given, as_given
from storage.artifacts import rating


def _score(description: str) -> float:
    """Describe a field; typed as what it holds, like strawberry.field itself."""
    field: float = strawberry.field(description=description)
    return field


def _latency(of: str) -> float:
    return _score(f"How long it took to find `{of}`, in seconds.")


@dataclass(kw_only=True)
class SizeScores:
    """The fields that a size score has, read or saved."""

    raspberry_pi: float = _score("How well it fits a Raspberry Pi.")
    jetson_nano: float = _score("How well it fits a Jetson Nano.")
    desktop_pc: float = _score("How well it fits a desktop PC.")
    aws_server: float = _score("How well it fits a server at AWS.")


@dataclass(kw_only=True)
class Scores:
    """The fields that a rating has, read or saved, but for the size score."""

    name: str = strawberry.field(description="The name of the model that was rated.")
    category: str = strawberry.field(description="What was rated, such as `MODEL`.")
    net_score: float = _score("The overall score.")
    net_score_latency: float = _latency("netScore")
    ramp_up_time: float = _score("How quickly one gets going with it.")
    ramp_up_time_latency: float = _latency("rampUpTime")
    bus_factor: float = _score("How many people could leave before it is orphaned.")
    bus_factor_latency: float = _latency("busFactor")
    performance_claims: float = _score("How well its claims of performance are backed.")
    performance_claims_latency: float = _latency("performanceClaims")
    license: float = _score("How freely it may be used.")
    license_latency: float = _latency("license")
    dataset_and_code_score: float = _score("Whether its dataset and code are known.")
    dataset_and_code_score_latency: float = _latency("datasetAndCodeScore")
    dataset_quality: float = _score("How good the data is.")
    dataset_quality_latency: float = _latency("datasetQuality")
    code_quality: float = _score("How good the code is.")
    code_quality_latency: float = _latency("codeQuality")
    reproducibility: float = _score("How readily its results can be reproduced.")
    reproducibility_latency: float = _latency("reproducibility")
    reviewedness: float = _score(
        "Which part of its code was reviewed; -1 where there is no code to look at."
    )
    reviewedness_latency: float = _latency("reviewedness")
    tree_score: float = _score("How well the models score that it was made from.")
    tree_score_latency: float = _latency("treeScore")
    size_score_latency: float = _latency("sizeScore")


@strawberry.type(description="How well a model fits each kind of machine.")
class SizeScore(SizeScores):
    """A size score that was saved."""

    __shows__ = rating.SizeScore


@strawberry.type(
    description="The scores of a model, as they were saved. Scores usually run from 0 to 1; "
    "every latency is in seconds."
)
class ModelRating(Scores):
    """A rating that was saved."""

    __shows__ = rating.Rating

    size_score: SizeScore = strawberry.field(
        description="How well it fits each kind of machine."
    )


@strawberry.input(description="How well a model fits each kind of machine: finite numbers.")
class SizeScoreInput(SizeScores):
    """A size score to be saved."""


@as_given("The scores of a model, all of them: finite numbers, every latency in seconds.")
class ModelRatingInput(Scores, Given):
    """A rating to be saved."""

    size_score: SizeScoreInput = strawberry.field(
        description="How well it fits each kind of machine."
    )
