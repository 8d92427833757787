"""Use the client that ariadne-codegen generates, against a server with the sample data.

Run it in the directory of the package `registry_client`: python catalogue.py URL
"""

import asyncio
import sys

from registry_client import RegistryClient
from registry_client.enums import (
    ArtifactType,
    ChangeKind,
    FacetField,
    ModelOrderField,
    OrderDirection,
    ReferenceKind,
    ReferenceState,
    UserErrorCode,
    WriteOutcome,
)
from registry_client.input_types import (
    ModelFilter,
    ModelOrder,
    ModelRatingInput,
    NameFilter,
    ReferenceInput,
    RegisterArtifactInput,
    RegisterDatasetInput,
    RegisterModelInput,
    ScoreRange,
    SizeScoreInput,
)

URL = "https://example.org/models/tiny"


async def browse(client: RegistryClient) -> int:
    """Read every page of models, check filters against them and return their number."""
    names: list[str] = []
    after = None
    while True:
        page = (await client.models_page(first=3, after=after)).models
        assert page
        names += [model.name for model in page.nodes]
        if not page.page_info.has_next_page:
            break
        after = page.page_info.end_cursor
    assert len(set(names)) == len(names) == page.total_count
    filter_ = ModelFilter(name=NameFilter(contains="bert"))
    matches = (await client.models_page(filter_=filter_)).models
    assert matches
    assert {model.name for model in matches.nodes} == {
        name for name in names if "bert" in name.lower()
    }
    suggested = (await client.suggestions("whisper")).artifacts
    assert suggested
    assert suggested.nodes
    assert all("whisper" in artifact.name for artifact in suggested.nodes)
    return len(names)


async def search(client: RegistryClient) -> None:
    """Search models, sorted by score, from the end of the list, with their facets."""
    page = (
        await client.models_page(
            search="BERT",
            filter_=ModelFilter(net_score=ScoreRange(at_least=0.5)),
            order_by=ModelOrder(field=ModelOrderField.NET_SCORE, direction=OrderDirection.DESC),
            last=2,
        )
    ).models
    assert page
    assert page.facets
    scores = [model.rating.net_score for model in page.nodes if model.rating]
    assert len(scores) == 2
    assert scores == sorted(scores, reverse=True)
    assert page.page_info.has_previous_page
    tags, licenses = page.facets
    assert [tags.field, licenses.field] == [FacetField.TAG, FacetField.LICENSE]
    assert ("english", page.total_count) in [(each.value, each.count) for each in tags.values]


async def follow(client: RegistryClient) -> None:
    """Read what a model was built from, through every type that can be in the response."""
    model = (await client.model_by_name("distilbert/distilbert-base-uncased")).model
    assert model
    assert model.references
    bases = [r for r in model.references if r.kind is ReferenceKind.BASE_MODEL]
    assert [base.artifact and base.artifact.name for base in bases] == [
        "google-bert/bert-base-uncased"
    ]
    assert [base.state for base in bases] == [ReferenceState.RESOLVED]
    assert model.derived_models
    assert model.derived_models.total_count == len(model.derived_models.nodes) == 2
    node = (await client.lineage(model.id)).node
    assert node
    assert node.typename__ == "Model"
    assert node.lineage
    assert model.id in {edge.downstream_id for edge in node.lineage.edges}
    types = {entry.artifact.typename__ for entry in node.lineage.nodes}
    assert types == {"Model", "Dataset", "Code"}


async def change(client: RegistryClient) -> None:
    """Register, rate, delete and restore a model, and check errors of rejected mutations."""
    input_ = RegisterModelInput(url=URL, datasets=[ReferenceInput(name="SQuAD")])
    checked = await client.register_artifacts(
        [RegisterArtifactInput(model=input_)], validate_only=True
    )
    outcomes = [result.outcome for result in checked.register_artifacts.results]
    assert outcomes == [WriteOutcome.CREATED]
    first = (await client.register_model(input_)).register_model.model
    assert first
    assert first.dataset
    assert first.dataset.name == "squad"
    rating = ModelRatingInput(net_score=0.5, size_score=SizeScoreInput(desktop_pc=1.0))
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
    restored = (await client.restore_artifact(first.id)).restore_artifact.artifact
    assert restored
    assert restored.version == first.version + 3
    await client.delete_artifact(first.id, ArtifactType.MODEL)


async def follow_changes(client: RegistryClient) -> None:
    """Read the feed to its end, and check what it says about the model of `change`."""
    kinds: list[ChangeKind] = []
    after, has_more = None, True
    while has_more:
        feed = (await client.changes(after)).changes
        assert feed
        kinds += [c.kind for c in feed.changes if any(f.after == URL for f in c.fields)]
        after, has_more = feed.cursor, feed.has_more
    assert kinds == [ChangeKind.REGISTERED, ChangeKind.RESTORED]


async def main(url: str) -> None:
    """Do what the frontend of a catalogue does."""
    async with RegistryClient(url=url) as client:
        count = await browse(client)
        await search(client)
        await follow(client)
        await change(client)
        await follow_changes(client)
    print(f"the generated Python client read {count} models and changed one")  # noqa: T201 - a program


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
