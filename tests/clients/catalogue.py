"""Use the client that ariadne-codegen generates, against a server with the sample data.

Run it in the directory of the package `registry_client`: python catalogue.py URL
"""

import asyncio
import sys

from registry_client import RegistryClient
from registry_client.enums import ArtifactType, ReferenceKind, UserErrorCode
from registry_client.input_types import (
    ModelFilter,
    ModelRatingInput,
    NameFilter,
    ReferenceInput,
    RegisterArtifactInput,
    RegisterDatasetInput,
    RegisterModelInput,
    SizeScoreInput,
)

URL = "https://example.org/models/tiny"
SIZES = dict.fromkeys(("raspberry_pi", "jetson_nano", "desktop_pc", "aws_server"), 0.5)


async def browse(client: RegistryClient) -> int:
    """Read every page of models, check filters against them and return their number."""
    names: list[str] = []
    after = None
    while True:
        page = (await client.models_page(first=3, after=after)).models
        names += [model.name for model in page.nodes]
        if not page.page_info.has_next_page:
            break
        after = page.page_info.end_cursor
    assert len(set(names)) == len(names) == page.total_count
    filter_ = ModelFilter(name=NameFilter(contains="bert"))
    matches = (await client.models_page(filter_=filter_)).models.nodes
    assert {model.name for model in matches} == {
        name for name in names if "bert" in name.lower()
    }
    suggested = (await client.suggestions("distil")).artifacts.nodes
    assert len(suggested) == sum(name.startswith("distil") for name in names)
    return len(names)


async def follow(client: RegistryClient) -> None:
    """Read what a model was built from, through every type that can be in the response."""
    model = (await client.model_by_name("distilbert/distilbert-base-uncased")).model
    assert model
    bases = [r for r in model.references if r.kind is ReferenceKind.BASE_MODEL]
    assert [base.artifact and base.artifact.name for base in bases] == [
        "google-bert/bert-base-uncased"
    ]
    assert model.derived_models.total_count == len(model.derived_models.nodes) == 2
    node = (await client.lineage(model.id)).node
    assert node
    assert node.typename__ == "Model"
    assert model.id in {edge.downstream for edge in node.lineage.edges}
    types = {entry.artifact.typename__ for entry in node.lineage.nodes}
    assert types == {"Model", "Dataset", "Code"}


async def change(client: RegistryClient) -> None:
    """Register, rate and delete a model, and check the errors of rejected mutations."""
    input_ = RegisterModelInput(url=URL, datasets=[ReferenceInput(name="SQuAD")])
    first = (await client.register_model(input_)).register_model.model
    assert first
    assert first.dataset
    assert first.dataset.name == "squad"
    scores = {
        name: 0.5 for name in ModelRatingInput.model_fields if name not in ("name", "category")
    }
    rating = ModelRatingInput(
        **{**scores, "name": "tiny", "category": "MODEL", "size_score": SizeScoreInput(**SIZES)}
    )
    rated = (await client.rate_model(first.id, rating, first.version)).rate_model.model
    assert rated
    assert rated.rating
    assert rated.rating.net_score == rating.net_score
    errors = (await client.rate_model(first.id, rating, first.version)).rate_model.user_errors
    assert [error.code for error in errors] == [UserErrorCode.VERSION_CONFLICT]
    existing = RegisterArtifactInput(
        dataset=RegisterDatasetInput(url="https://huggingface.co/datasets/rajpurkar/squad")
    )
    (result,) = (await client.register_artifacts([existing])).register_artifacts.results
    assert [error.code for error in result.user_errors] == [UserErrorCode.ALREADY_EXISTS]
    deleted = await client.delete_artifact(first.id, ArtifactType.MODEL)
    assert deleted.delete_artifact.deleted_id == first.id


async def main(url: str) -> None:
    """Do what the frontend of a catalogue does."""
    async with RegistryClient(url=url) as client:
        count = await browse(client)
        await follow(client)
        await change(client)
    print(f"the generated Python client read {count} models and changed one")  # noqa: T201 - a program


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
